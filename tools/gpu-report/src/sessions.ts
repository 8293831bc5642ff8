import type { Pass } from '@judge-decoding/core';
import { median, textOf, uniforms } from './numbers.ts';
import { eachItem, type Part, type Run, withModel } from './run.ts';

/** Several sessions of one model in one pass, beside the same passes one after another. */
export interface SessionsResult {
  readonly model: string;
  readonly context: number;
  readonly passes: readonly {
    readonly sessions: number;
    /** Of each session. */
    readonly rows: number;
    readonly together: number;
    readonly oneAfterAnother: number;
  }[];
}

const MODELS = ['llama-3.1-8b:bf16', 'llama-3.1-8b:int8', 'llama-3.1-8b:int4', 'qwen2.5-1.5b:bf16'];
const QUICK = ['random:hidden=64,rows=256:int8'];

export const sessions: Part = (run) =>
  eachItem(
    run,
    (run.quick ? QUICK : MODELS).map((model) => ({ name: model, item: model })),
    (model) => measure(run, model),
  );

function measure(run: Run, name: string): Promise<SessionsResult> {
  const context = run.quick ? 16 : 512;
  const counts = run.quick ? [1, 2] : [1, 2, 4, 8, 16];
  const repeats = run.quick ? 2 : 15;
  const options = { contextLength: context + 64, sessions: counts.at(-1)! };
  return withModel(run, `synthetic:${name}`, options, async (model) => {
    const { vocabSize, prefillChunk } = model.info;
    const opened = await Promise.all(
      counts.slice(-1).flatMap((most) => Array.from({ length: most }, () => model.openSession())),
    );
    for (const [index, session] of opened.entries()) {
      const text = textOf(uniforms(index), context, vocabSize);
      for (let at = 0; at < context; at += prefillChunk)
        await session.forward(text.slice(at, Math.min(context, at + prefillChunk)), {});
    }
    const passes: SessionsResult['passes'][number][] = [];
    for (const count of counts) {
      for (const rows of [1, 17, 26]) {
        const given: Pass[] = opened.slice(0, count).map((session, index) => ({
          session,
          tokens: textOf(uniforms(100 + index), rows, vocabSize),
        }));
        const back = () => {
          for (const { session } of given) session.truncate(context);
        };
        const [together, oneAfterAnother]: [number[], number[]] = [[], []];
        for (let repeat = -2; repeat < repeats; repeat++) {
          const from = performance.now();
          await model.forward(given, { argmax: true });
          const middle = performance.now();
          back();
          const again = performance.now();
          for (const { session, tokens } of given) await session.forward(tokens, { argmax: true });
          const end = performance.now();
          back();
          if (repeat < 0) continue;
          together.push(middle - from);
          oneAfterAnother.push(end - again);
        }
        passes.push({
          sessions: count,
          rows,
          together: median(together),
          oneAfterAnother: median(oneAfterAnother),
        });
      }
    }
    return { model: name, context, passes };
  });
}
