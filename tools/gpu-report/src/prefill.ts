import { engineShape, type Prefill, parseSynthetic } from '@judge-decoding/backend-cuda';
import { median, textOf, uniforms } from './numbers.ts';
import { runPython } from './python.ts';
import { eachItem, type Part, type Run, withModel } from './run.ts';

/** Reading of a prompt, exact and fast, beside the rate at which cuBLASLt multiplies matrices in the same minute. */
export interface PrefillResult {
  readonly model: string;
  readonly tokens: number;
  readonly milliseconds: number;
  readonly fastest: number;
  /** With `prefill: 'fast'`; absent for weights that are not read so. */
  readonly fast?: FastResult;
  /** Multiplications and additions that the matrices and attention need. */
  readonly operations: number;
  /** Operations a second of cuBLASLt, bf16, 8,192 cubed, random data: before the readings and after them. */
  readonly matrixRate: readonly [before: number, after: number];
  /** Who measured that rate. */
  readonly said: string;
}

export interface FastResult {
  readonly milliseconds: number;
  readonly fastest: number;
  /** Those that it does: behind the last layer's cache nothing is computed, since nobody reads it. */
  readonly operations: number;
  /** Version of cuBLASLt. */
  readonly library: string;
  /** Of rows that both read exactly behind the prompt. */
  readonly behind: Agreement;
}

/** How far scores behind a prompt that was read fast are from those behind one that was read exactly. */
export interface Agreement {
  readonly rows: number;
  /** Relative, L2. */
  readonly distance: number;
  /** Rows whose favourite is the same token. */
  readonly favourites: number;
  /** The largest difference of two scores, in standard deviations of the row's scores. */
  readonly largest: number;
}

const MODELS = ['llama-3.1-8b:bf16', 'llama-3.1-8b:int8', 'llama-3.1-8b:int4', 'llama-3.1-8b:fp16'];
const QUICK = ['random:hidden=64,rows=256:int8'];
/** Rows that are looked at behind the prompt. */
const BEHIND = 26;

export const prefill: Part = (run) =>
  eachItem(
    run,
    (run.quick ? QUICK : MODELS).map((model) => ({ name: model, item: model })),
    (model) => measure(run, model),
  );

async function measure(run: Run, model: string): Promise<PrefillResult> {
  const tokens = run.quick ? 300 : 2048;
  const before = matrixRate(run.quick);
  const exact = await reading(run, model, tokens, 'exact');
  // sixteen bits of another kind are never rounded
  const fast = model.endsWith(':fp16') ? undefined : await reading(run, model, tokens, 'fast');
  const after = matrixRate(run.quick);
  return {
    ...{ model, tokens, milliseconds: median(exact.times), fastest: Math.min(...exact.times) },
    ...(fast === undefined
      ? {}
      : {
          fast: {
            ...{ milliseconds: median(fast.times), fastest: Math.min(...fast.times) },
            operations: operationsOf(model, tokens, 'cache'),
            library: await run.engine.matrixLibrary(),
            behind: agreement(fast.scores, exact.scores),
          },
        }),
    operations: operationsOf(model, tokens),
    ...{ matrixRate: [before.rate, after.rate], said: after.said },
  };
}

interface Reading {
  /** Milliseconds of each reading. */
  readonly times: readonly number[];
  /** Of the rows behind the prompt, a row each. */
  readonly scores: readonly Float32Array[];
}

function reading(run: Run, model: string, tokens: number, prefill: Prefill): Promise<Reading> {
  const options = { contextLength: tokens + BEHIND, prefill };
  return withModel(run, `synthetic:${model}`, options, async (opened) => {
    const { vocabSize } = opened.info;
    const session = await opened.openSession();
    const text = textOf(uniforms(7), tokens + BEHIND, vocabSize);
    const times: number[] = [];
    for (let repeat = -2; repeat < (run.quick ? 2 : 9); repeat++) {
      session.truncate(0);
      const from = performance.now();
      await session.forward(text.slice(0, tokens), {});
      if (repeat >= 0) times.push(performance.now() - from);
    }
    const { logits } = await session.forward(text.slice(tokens), { logits: true });
    const scores = Array.from({ length: BEHIND }, (_, row) =>
      logits!.slice(row * vocabSize, (row + 1) * vocabSize),
    );
    return { times, scores };
  });
}

export function agreement(of: readonly Float32Array[], to: readonly Float32Array[]): Agreement {
  let [apart, size, favourites, largest] = [0, 0, 0, 0];
  to.forEach((expected, row) => {
    const got = of[row]!;
    let most = 0;
    expected.forEach((score, id) => {
      apart += (got[id]! - score) ** 2;
      size += score ** 2;
      most = Math.max(most, Math.abs(got[id]! - score));
    });
    if (favourite(got) === favourite(expected)) favourites++;
    largest = Math.max(largest, most / deviation(expected));
  });
  return { rows: to.length, distance: Math.sqrt(apart / size), favourites, largest };
}

const favourite = (row: Float32Array): number =>
  row.reduce((best, score, id) => (score > row[best]! ? id : best), 0);

function deviation(row: Float32Array): number {
  const mean = row.reduce((sum, score) => sum + score, 0) / row.length;
  return Math.sqrt(row.reduce((sum, score) => sum + (score - mean) ** 2, 0) / row.length);
}

/** No output is asked for: the output matrix has no part in it. `to`: the end of the last layer, or its cache alone. */
export function operationsOf(model: string, tokens: number, to: 'end' | 'cache' = 'end'): number {
  const { config } = parseSynthetic(model);
  const { layers, heads, kvHeads, headDim, hidden, feedForward } = engineShape(config, {
    heldAs: 'bf16',
    context: tokens,
  });
  const heading = hidden * headDim * (heads + 2 * kvHeads);
  const weights = heading + hidden * headDim * heads + 3 * hidden * feedForward;
  // each token sees itself and what is before it: products with keys, and with values
  const attention = 2 * heads * headDim * ((tokens * (tokens + 1)) / 2);
  const layer = weights * tokens + attention;
  return 2 * (to === 'end' ? layers * layer : (layers - 1) * layer + heading * tokens);
}

interface MatrixRate {
  readonly rate: number;
  readonly said: string;
}

function matrixRate(quick: boolean): MatrixRate {
  if (quick) return { rate: Number.NaN, said: 'not measured' };
  return JSON.parse(runPython('matrix_rate.py', []).trim().split('\n').at(-1)!) as MatrixRate;
}
