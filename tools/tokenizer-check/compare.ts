import { readFile } from 'node:fs/promises';
import { openCheckpoint } from '@judge-decoding/checkpoint';

/*
 * Compares our ids with those that ids_by_tokenizers.py has written:
 *
 *     tsx --conditions=@judge-decoding/source compare.ts IDS.json FOLDER_OR_GGUF
 *
 * Says how many strings have the same ids and shows the first ten that differ.
 */
const [idsPath, location] = process.argv.slice(2);
if (idsPath === undefined || location === undefined) {
  console.error('usage: compare.ts IDS.json FOLDER_OR_GGUF');
  process.exit(2);
}
const rows: [string, number[]][] = JSON.parse(await readFile(idsPath, 'utf8'));
const { tokenizer, dispose } = await openCheckpoint(location);
let different = 0;
let undone = 0;
for (const [text, expected] of rows) {
  const ids = tokenizer.encode(text);
  if (tokenizer.decode(ids) !== text) undone++;
  if (ids.length === expected.length && ids.every((id, i) => id === expected[i])) continue;
  different++;
  if (different <= 10) console.log(JSON.stringify({ text, ids, expected }));
}
await dispose();
console.log(
  `${location}: ${rows.length - different} of ${rows.length} strings have the same ids, ${undone} do not decode to themselves`,
);
process.exit(different === 0 ? 0 : 1);
