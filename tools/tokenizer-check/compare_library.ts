import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Tokenizer } from '@huggingface/tokenizers';

/*
 * As compare_made_up.ts, for the JavaScript library alone, which reads every special token:
 *
 *     tsx --conditions=@judge-decoding/source compare_library.ts MADE_UP.jsonl
 */
const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: compare_library.ts MADE_UP.jsonl');
  process.exit(2);
}
const counts = { tokenizers: 0, same: 0, refused: 0, strings: 0, different: 0 };
for await (const line of createInterface({ input: createReadStream(path) })) {
  const { json, rows }: { json: object; rows: [string, number[], number[]][] } = JSON.parse(line);
  counts.tokenizers++;
  let library: Tokenizer;
  try {
    library = new Tokenizer(json as never, {});
  } catch {
    counts.refused++;
    continue;
  }
  const read = (text: string): string => {
    try {
      return JSON.stringify(library.encode(text, { add_special_tokens: false }).ids);
    } catch (error) {
      return String(error);
    }
  };
  const different = rows.filter(([text, , ids]) => read(text) !== JSON.stringify(ids)).length;
  counts.strings += rows.length;
  counts.different += different;
  if (different === 0) counts.same++;
}
console.log(
  `${counts.same} of ${counts.tokenizers} tokenizers agree on every string, ${counts.refused} were refused; ${counts.different} of ${counts.strings} strings differ`,
);
