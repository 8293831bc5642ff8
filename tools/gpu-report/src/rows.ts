import type { CudaModel } from '@judge-decoding/backend-cuda';
import type { ForwardOutputs, Pass, Session, TokenId } from '@judge-decoding/core';
import { sameBits, textOf, uniforms } from './numbers.ts';
import { eachItem, type Part, type Run, withModel } from './run.ts';

/**
 * Rows compared bit for bit. A text is read one token at a time; then again and again in other passes:
 * of one width, of random widths, with roll backs, beside other sessions, behind a long past. A row is
 * its argmax, its eight likeliest tokens with their log-probabilities, log-sum-exp and entropy (which
 * every logit has a part in), and its hidden states before and after the last norm.
 */
interface Shape {
  readonly model: string;
  /** Tokens of a text. */
  readonly text: number;
  readonly rows: number;
  /** Tokens that lie before the text. */
  readonly past?: number;
}

const FULL: readonly Shape[] = [
  { model: 'llama-3.1-8b:bf16', text: 256, rows: 8000 },
  { model: 'llama-3.1-8b:int8', text: 256, rows: 6000 },
  { model: 'llama-3.1-8b:int4', text: 256, rows: 6000 },
  { model: 'llama-3.1-8b:fp8', text: 256, rows: 2000 },
  { model: 'llama-3.1-8b:fp16', text: 256, rows: 2000 },
  { model: 'llama-3.1-8b:q8_0', text: 256, rows: 2000 },
  { model: 'llama-3.1-8b:q4_0', text: 256, rows: 2000 },
  { model: 'llama-3.1-8b:bf16', text: 128, rows: 2000, past: 4000 },
  { model: 'llama-3.1-8b:int8', text: 128, rows: 2000, past: 32_000 },
  { model: 'llama-3.1-70b:int8', text: 128, rows: 5000 },
  { model: 'qwen2.5-1.5b:bf16', text: 512, rows: 50_000 },
  { model: 'qwen2.5-1.5b:int8', text: 512, rows: 50_000 },
  { model: 'qwen3-0.6b:bf16', text: 512, rows: 20_000 },
  { model: 'llama-3.2-1b:int4', text: 512, rows: 50_000 },
  // heads of 64 and 128, one key-value head to eight, widths that tiles do not divide
  {
    model: 'random:hidden=512,layers=4,heads=8,kv=2,headDim=64,ff=1536,rows=4096:bf16',
    text: 512,
    rows: 250_000,
  },
  {
    model: 'random:hidden=512,layers=4,heads=4,kv=4,headDim=128,ff=1000,rows=4096:int8',
    text: 512,
    rows: 200_000,
  },
  {
    model: 'random:hidden=520,layers=3,heads=8,kv=1,headDim=64,ff=1544,rows=5000:int4',
    text: 512,
    rows: 200_000,
  },
  {
    model: 'random:hidden=384,layers=4,heads=6,kv=3,headDim=80,ff=1024,rows=3000,bias=1:fp8',
    text: 512,
    rows: 150_000,
  },
];

const QUICK: readonly Shape[] = ['bf16', 'int8', 'int4', 'fp8', 'fp16', 'q8_0', 'q4_0'].map((dtype) => ({
  model: `random:hidden=64,layers=2,heads=2,kv=1,headDim=32,ff=96,rows=256:${dtype}`,
  text: 48,
  rows: 1000,
  ...(dtype === 'int8' ? { past: 100 } : {}),
}));

/** What became of one shape. */
export interface RowsResult {
  readonly model: string;
  readonly dtype: string;
  readonly past: number;
  readonly compared: number;
  readonly differ: number;
  /** The first rows that differed, in words. */
  readonly examples: readonly string[];
  readonly arrangements: number;
  readonly seconds: number;
}

/** Rows of one item: a run that is stopped loses no more. */
const SLICE = 25_000;

export const rows: Part = (run) =>
  eachItem(
    run,
    (run.quick ? QUICK.map((shape) => ({ ...shape, rows: run.quickRows })) : FULL).flatMap((shape) => {
      const slices = Math.ceil(shape.rows / SLICE);
      return Array.from({ length: slices }, (_, slice) => ({
        name: `${shape.model}${shape.past === undefined ? '' : ` behind ${shape.past}`}, ${slice + 1} of ${slices}`,
        item: { shape: { ...shape, rows: Math.ceil(shape.rows / slices) }, slice },
      }));
    }),
    ({ shape, slice }) => compareRows(run, shape, slice),
  );

type Evidence = Partial<ForwardOutputs>;
const REQUEST = { argmax: true, top: 8, hidden: ['pre-norm', 'post-norm'] } as const;

function compareRows(
  run: Run,
  { model: name, text, rows: wanted, past = 0 }: Shape,
  slice: number,
): Promise<RowsResult> {
  // sessions side by side need room of their own; behind a long past there are only two
  const others = past > 0 ? 1 : 3;
  const options = { contextLength: past + text, sessions: others + 1 };
  return withModel(run, `synthetic:${name}`, options, async (model) => {
    const from = performance.now();
    const uniform = uniforms(wanted + text + 7919 * slice);
    const vocabulary = model.info.vocabSize;
    const [before, tokens] = [textOf(uniform, past, vocabulary), textOf(uniform, text, vocabulary)];
    const sessions = await Promise.all(Array.from({ length: others + 1 }, () => model.openSession()));
    const session = sessions[0]!;
    await feed(session, before, model.info.prefillChunk);
    const plain: Evidence[] = [];
    for (const token of tokens) plain.push(await session.forward([token], REQUEST));

    let [compared, differ, arrangements] = [0, 0, 0];
    const examples: string[] = [];
    const compare = (outputs: Evidence, first: number, count: number, where: string) => {
      for (let row = 0; row < count; row++) {
        compared++;
        const what = differenceOf(plain[first + row]!, outputs, row, model.info.hiddenSize);
        if (what === undefined) continue;
        differ++;
        if (examples.length < 5) examples.push(`${where}, row ${first + row}: ${what}`);
      }
    };
    for (; compared < wanted; arrangements++) {
      session.truncate(past);
      await arrange({ model, sessions, tokens, past, uniform, compare }, arrangements);
    }
    for (const opened of sessions) await opened.dispose();
    const { dtype } = model.info;
    const seconds = (performance.now() - from) / 1000;
    return { model: name, dtype, past, compared, differ, examples, arrangements, seconds };
  });
}

interface Arranged {
  readonly model: CudaModel;
  readonly sessions: readonly Session[];
  readonly tokens: readonly TokenId[];
  readonly past: number;
  readonly uniform: () => number;
  readonly compare: (outputs: Evidence, first: number, count: number, where: string) => void;
}

const WIDTHS = [2, 3, 7, 8, 9, 16, 17, 26, 32, 33, 63, 64, 65, 127, 128, 512] as const;

/** Reads the text once more, in passes of another kind each time. */
async function arrange(arranged: Arranged, turn: number): Promise<void> {
  const kind = turn % 4;
  const width = WIDTHS[Math.floor(turn / 4) % WIDTHS.length]!;
  if (kind === 0) return inPasses(arranged, () => width, `passes of ${width}`);
  const random = () => 1 + Math.floor(arranged.uniform() * width);
  if (kind === 1) return inPasses(arranged, random, `passes of 1 to ${width}`);
  if (kind === 2) return withRollBacks(arranged, random, `roll backs, passes of 1 to ${width}`);
  return besideOthers(arranged, random, `beside other sessions, passes of 1 to ${width}`);
}

async function inPasses({ sessions, tokens, compare }: Arranged, width: () => number, where: string) {
  const session = sessions[0]!;
  for (let at = 0; at < tokens.length; ) {
    const part = tokens.slice(at, at + width());
    compare(await session.forward(part, REQUEST), at, part.length, where);
    at += part.length;
  }
}

/** Now and then a wrong ending is read and cut away again, or part of the text is read twice. */
async function withRollBacks(arranged: Arranged, width: () => number, where: string) {
  const { sessions, tokens, past, uniform, compare, model } = arranged;
  const session = sessions[0]!;
  for (let at = 0; at < tokens.length; ) {
    const room = tokens.length - at;
    const wrong = textOf(uniform, Math.min(room, width()), model.info.vocabSize);
    await session.forward(wrong, { argmax: true });
    session.truncate(past + at);
    const part = tokens.slice(at, at + width());
    compare(await session.forward(part, REQUEST), at, part.length, where);
    at += part.length;
    const back = Math.floor((uniform() * part.length) / 2);
    session.truncate(past + at - back);
    at -= back;
  }
}

/** Other sessions read other texts in the same passes, before and behind ours. */
async function besideOthers(arranged: Arranged, width: () => number, where: string) {
  const { model, sessions, tokens, uniform, compare } = arranged;
  const [session, ...others] = sessions;
  for (let at = 0; at < tokens.length; ) {
    const part = tokens.slice(at, at + width());
    const passes: Pass[] = [];
    for (const other of others) {
      if (other.length + 16 > tokens.length) other.truncate(0);
      const beside = textOf(uniform, 1 + Math.floor(uniform() * 16), model.info.vocabSize);
      passes.push({ session: other, tokens: beside.slice(0, tokens.length - other.length) });
    }
    const place = Math.floor(uniform() * (passes.length + 1));
    passes.splice(place, 0, { session: session!, tokens: part });
    const outputs = await model.forward(passes, REQUEST);
    compare(outputs[place]!, at, part.length, where);
    at += part.length;
  }
}

async function feed(session: Session, tokens: readonly TokenId[], chunk: number): Promise<void> {
  for (let at = 0; at < tokens.length; at += chunk) await session.forward(tokens.slice(at, at + chunk), {});
}

/** What is not the same to the last bit, if anything. `plain` has one row. */
function differenceOf(plain: Evidence, outputs: Evidence, row: number, hidden: number): string | undefined {
  const { argmax, top, hidden: states } = outputs;
  if (plain.argmax![0] !== argmax![row]) return `argmax ${argmax![row]} instead of ${plain.argmax![0]}`;
  for (const [index, state] of states!.entries()) {
    if (!sameBits(plain.hidden![index]!, 0, state, row, hidden)) return REQUEST.hidden[index]!;
  }
  const { count } = top!;
  if (!sameBits(plain.top!.logSumExp, 0, top!.logSumExp, row, 1)) return 'log-sum-exp';
  if (!sameBits(plain.top!.entropy, 0, top!.entropy, row, 1)) return 'entropy';
  if (!sameBits(plain.top!.ids, 0, top!.ids, row, count)) return 'the likeliest tokens';
  if (!sameBits(plain.top!.logProbs, 0, top!.logProbs, row, count)) return 'log-probabilities';
  return undefined;
}
