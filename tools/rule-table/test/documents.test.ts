import { readFile } from 'node:fs/promises';
import { RULES, signatureOf } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { DOCUMENTS, pathOf, written } from '../src/documents.ts';

test.each(DOCUMENTS)(
  '%s shows the table as it is (else: npm run write, in tools/rule-table)',
  async (document) => {
    expect(await readFile(pathOf(document), 'utf8')).toBe(await written(document, RULES));
  },
);

test('docs/rules.md lists every rule', async () => {
  const text = await readFile(pathOf('docs/rules.md'), 'utf8');
  for (const row of RULES) expect(text).toContain(`| \`${signatureOf(row)}\` |`);
});

test('a row more is a line more', async () => {
  const more = { ...RULES.at(-3)!, name: 'another' };
  const text = await written('docs/rules.md', [...RULES, more]);
  expect(text).toContain(`| \`${signatureOf(more)}\` |`);
});
