import { engineShape, parseSynthetic } from '@judge-decoding/backend-cuda';
import { median, textOf, uniforms } from './numbers.ts';
import { runPython } from './python.ts';
import { eachItem, type Part, type Run, withModel } from './run.ts';

/** Exact reading of a prompt beside the rate at which cuBLASLt multiplies matrices in the same minute. */
export interface PrefillResult {
  readonly model: string;
  readonly tokens: number;
  readonly milliseconds: number;
  readonly fastest: number;
  /** Multiplications and additions that the matrices and attention need. */
  readonly operations: number;
  /** Operations a second of cuBLASLt, bf16, 8,192 cubed, random data: before the readings and after them. */
  readonly matrixRate: readonly [before: number, after: number];
  /** Who measured that rate. */
  readonly said: string;
}

const MODELS = ['llama-3.1-8b:bf16', 'llama-3.1-8b:int8', 'llama-3.1-8b:int4', 'llama-3.1-8b:fp16'];
const QUICK = ['random:hidden=64,rows=256:int8'];

export const prefill: Part = (run) =>
  eachItem(
    run,
    (run.quick ? QUICK : MODELS).map((model) => ({ name: model, item: model })),
    (model) => measure(run, model),
  );

async function measure(run: Run, model: string): Promise<PrefillResult> {
  const tokens = run.quick ? 200 : 2048;
  const before = matrixRate(run.quick);
  const times = await withModel(run, `synthetic:${model}`, { contextLength: tokens }, async (opened) => {
    const session = await opened.openSession();
    const text = textOf(uniforms(7), tokens, opened.info.vocabSize);
    const taken: number[] = [];
    for (let repeat = -2; repeat < (run.quick ? 2 : 9); repeat++) {
      const from = performance.now();
      await session.forward(text, {});
      if (repeat >= 0) taken.push(performance.now() - from);
      session.truncate(0);
    }
    return taken;
  });
  const after = matrixRate(run.quick);
  return {
    ...{ model, tokens, milliseconds: median(times), fastest: Math.min(...times) },
    operations: operationsOf(model, tokens),
    ...{ matrixRate: [before.rate, after.rate], said: after.said },
  };
}

/** No output is asked for: the output matrix has no part in it. */
export function operationsOf(model: string, tokens: number): number {
  const { config } = parseSynthetic(model);
  const { layers, heads, kvHeads, headDim, hidden, feedForward } = engineShape(config, {
    heldAs: 'bf16',
    context: tokens,
  });
  const weights = hidden * headDim * (2 * heads + 2 * kvHeads) + 3 * hidden * feedForward;
  // each token sees itself and what is before it: products with keys, and with values
  const attention = 2 * heads * headDim * ((tokens * (tokens + 1)) / 2);
  return 2 * layers * (weights * tokens + attention);
}

interface MatrixRate {
  readonly rate: number;
  readonly said: string;
}

function matrixRate(quick: boolean): MatrixRate {
  if (quick) return { rate: Number.NaN, said: 'not measured' };
  return JSON.parse(runPython('matrix_rate.py', []).trim().split('\n').at(-1)!) as MatrixRate;
}
