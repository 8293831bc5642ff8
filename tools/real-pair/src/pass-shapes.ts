/**
 * How far a model's rows move when the same text is read in passes of other shapes, beside how far
 * they are from float32. `npm run -s pass-shapes -- MODEL [--dtype auto] [--texts 4] [--threads 1]
 * [--exact]`
 *
 * The model writes greedily, token by token; the same text is then read in passes of 17 rows, as
 * verification does, and by the float32 graph of the same file.
 */
import { parseArgs } from 'node:util';
import { type CpuModel, type CpuOptions, cpuBackend } from '@judge-decoding/backend-cpu';
import { openCheckpoint } from '@judge-decoding/checkpoint';

const QUESTIONS = [
  'Write a Python function that tells whether a number is prime.',
  'Natalia sold clips to 48 friends in April, and half as many in May. How many did she sell altogether?',
  'Explain in two sentences why the sky is blue.',
  'List three sorting algorithms and their running times.',
];
const WIDTH = 17;
const WRITTEN = 6 * WIDTH;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    dtype: { type: 'string', default: 'auto' },
    texts: { type: 'string', default: '4' },
    threads: { type: 'string', default: '1' },
    exact: { type: 'boolean', default: false },
  },
});

interface Text {
  readonly prompt: readonly number[];
  readonly fed: number[];
  /** [WRITTEN, vocabSize] */
  readonly logits: Float32Array;
}

const [location = ''] = positionals;
const open = (dtype: CpuOptions['dtype'] & string) =>
  cpuBackend({ dtype, threads: Number(values.threads), contextLength: 512, exact: values.exact }).open(
    location,
  );

const checkpoint = await openCheckpoint(location);
await checkpoint.dispose();
const prompts = QUESTIONS.slice(0, Number(values.texts)).map((content) =>
  checkpoint.tokenizer.encodeChat([{ role: 'user', content }]),
);

const model = await open(values.dtype as CpuOptions['dtype'] & string);
const { vocabSize, dtype } = model.info;
const plain = await inTurn(prompts, (prompt) => written(model, prompt));
const together = await inTurn(plain, (text) => readAgain(model, text, WIDTH));
await model.dispose();
const exact = await open('fp32');
const reference = await inTurn(plain, (text) => readAgain(exact, text, WRITTEN));
await exact.dispose();

const moves: number[] = [];
const flips: number[] = [];
for (const [index, { logits }] of plain.entries()) {
  for (let at = 0; at < logits.length; at += vocabSize) {
    const row = logits.subarray(at, at + vocabSize);
    const { best, second, deviation } = topTwo(row);
    const other = together[index]!.subarray(at, at + vocabSize);
    const gap = (row[best]! - row[second]!) / deviation;
    moves.push(Math.abs((other[best]! - other[second]!) / deviation - gap));
    if (topTwo(other).best !== best) flips.push(gap);
  }
}
moves.sort((a, b) => a - b);
const part = (share: number) => moves[Math.floor(share * (moves.length - 1))]!.toFixed(4);
const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
console.log(`${model.info.name} as ${dtype}, ${moves.length} rows`);
const oneByOne = plain.map(({ logits }) => logits);
console.log(`relative L2 of logits, one by one against float32: ${percent(apart(oneByOne, reference))}`);
console.log(`${WIDTH} at once against float32: ${percent(apart(together, reference))}`);
console.log(`${WIDTH} at once against one by one: ${percent(apart(together, oneByOne))}`);
console.log(
  `the gap of the two likeliest moves by ${part(0.5)} deviations (median), ${part(0.99)} (99 %), ${part(1)} (most)`,
);
console.log(
  `another favourite in ${flips.length} rows, at gaps of up to ${Math.max(0, ...flips).toFixed(4)} deviations`,
);

async function inTurn<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

async function written(writer: CpuModel, prompt: readonly number[]): Promise<Text> {
  const session = await writer.openSession();
  const logits = new Float32Array(WRITTEN * vocabSize);
  const fed: number[] = [];
  await session.forward(prompt.slice(0, -1), {});
  let token = prompt.at(-1)!;
  for (let row = 0; row < WRITTEN; row++) {
    fed.push(token);
    const out = await session.forward([token], { argmax: true, logits: true });
    logits.set(out.logits, row * vocabSize);
    token = out.argmax[0]!;
  }
  await session.dispose();
  return { prompt, fed, logits };
}

async function readAgain(reader: CpuModel, { prompt, fed }: Text, width: number): Promise<Float32Array> {
  const session = await reader.openSession();
  const logits = new Float32Array(WRITTEN * vocabSize);
  await session.forward(prompt.slice(0, -1), {});
  for (let row = 0; row < WRITTEN; row += width) {
    const out = await session.forward(fed.slice(row, row + width), { logits: true });
    logits.set(out.logits, row * vocabSize);
  }
  await session.dispose();
  return logits;
}

function apart(some: readonly Float32Array[], others: readonly Float32Array[]): number {
  let [difference, length] = [0, 0];
  for (const [text, other] of others.entries()) {
    for (const [index, value] of other.entries()) {
      difference += (some[text]![index]! - value) ** 2;
      length += value * value;
    }
  }
  return Math.sqrt(difference / length);
}

function topTwo(row: Float32Array) {
  let [best, second] = [row[0]! >= row[1]! ? 0 : 1, row[0]! >= row[1]! ? 1 : 0];
  let [sum, squares] = [0, 0];
  for (const [id, value] of row.entries()) {
    sum += value;
    squares += value * value;
    if (value > row[best]!) [best, second] = [id, best];
    else if (id !== best && value > row[second]!) second = id;
  }
  const mean = sum / row.length;
  return { best, second, deviation: Math.sqrt(Math.max(0, squares / row.length - mean * mean)) };
}
