import { readFile, writeFile } from 'node:fs/promises';
import { RULES } from '@judge-decoding/core';
import { DOCUMENTS, pathOf, written } from './documents.ts';

for (const document of DOCUMENTS) {
  const text = await written(document, RULES);
  if (text === (await readFile(pathOf(document), 'utf8'))) continue;
  await writeFile(pathOf(document), text);
  process.stderr.write(`${document} is written anew\n`);
}
