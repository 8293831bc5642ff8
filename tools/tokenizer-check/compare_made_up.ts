import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { checkedTokenizer } from '@judge-decoding/checkpoint/testing';

/*
 * Compares our tokenizers with what made_up_tokenizers.py has written:
 *
 *     tsx --conditions=@judge-decoding/source compare_made_up.ts MADE_UP.jsonl
 *     tsx --conditions=@judge-decoding/source compare_made_up.ts FAMILIES/*.jsonl
 */
const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error('usage: compare_made_up.ts MADE_UP.jsonl …');
  process.exit(2);
}

async function* lines(): AsyncGenerator<string> {
  for (const path of paths) yield* createInterface({ input: createReadStream(path) });
}

/** The last is left out where Hugging Face's decoder prints special tokens. */
type Row = readonly [
  text: string,
  plain: number[],
  read: number[],
  decoded: string,
  decodedRead: string | null,
];
const counts = { tokenizers: 0, same: 0, refused: 0, strings: 0, different: 0 };
for await (const line of lines()) {
  const { about, json, rows }: { about: { family?: string }; json: Record<string, unknown>; rows: Row[] } =
    JSON.parse(line);
  counts.tokenizers++;
  let tokenizer: ReturnType<typeof checkedTokenizer>;
  try {
    tokenizer = checkedTokenizer(json);
  } catch (error) {
    counts.refused++;
    console.log(`refused: ${(error as Error).message}`);
    continue;
  }
  let different = 0;
  for (const [text, plain, read, decoded, decodedRead] of rows) {
    counts.strings++;
    const got = [
      tokenizer.encode(text),
      tokenizer.encode(text, { special: true }),
      tokenizer.decode(plain),
      decodedRead === null ? null : tokenizer.decode(read),
    ];
    const expected = [plain, read, decoded, decodedRead];
    if (JSON.stringify(got) === JSON.stringify(expected)) continue;
    if (different++ > 0) continue;
    const at = got.findIndex((each, i) => JSON.stringify(each) !== JSON.stringify(expected[i]));
    console.log(
      JSON.stringify({
        about,
        text,
        what: ['plain', 'read', 'decoded', 'decoded read'][at],
        got: got[at],
        expected: expected[at],
      }),
    );
  }
  counts.different += different;
  if (different === 0) counts.same++;
  if (about.family !== undefined) {
    console.log(`| ${about.family} | ${rows.length} | ${rows.length - different} | ${different} |`);
  }
}
console.log(
  `${counts.same} of ${counts.tokenizers} tokenizers agree on every string, ${counts.refused} were refused; ${counts.different} of ${counts.strings} strings differ`,
);
process.exit(counts.different === 0 ? 0 : 1);
