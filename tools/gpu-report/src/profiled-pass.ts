import { type Engine, parseSynthetic } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import koffi from 'koffi';
import { median, textOf, uniforms } from './numbers.ts';
import { type Run, withModel } from './run.ts';
import { armsOf, feed } from './speed.ts';

/** What the program is asked to do under the profiler: `profiled-pass MODEL ROWS CONTEXT`. */
export const PROFILED_PASS = 'profiled-pass';

export interface ProfiledPass {
  readonly model: string;
  readonly rows: number;
  readonly context: number;
}

export interface OpenPass {
  /** Milliseconds on the device; median. */
  onDevice(): Promise<number>;
  /** The pass once. */
  once(): Promise<void>;
}

const REPEATS = 30;
/** So that a pass of this shape is a recorded graph, as it is nearly always. */
const WARM_UPS = 4;

/** A synthetic model behind `context` tokens, to run one pass over and over: a plain step, or verification as judge mode asks for it. */
export async function openPass<Result>(
  run: Pick<Run, 'engine' | 'device'>,
  { model: name, rows, context }: ProfiledPass,
  work: (pass: OpenPass) => Promise<Result>,
): Promise<Result> {
  return withModel(run, `synthetic:${name}`, { contextLength: context + 128 }, async (model) => {
    const session = await model.openSession();
    const { prefillChunk, vocabSize, hiddenSize } = model.info;
    const text = textOf(uniforms(7), context + rows, vocabSize);
    await feed(session, text.slice(0, context), prefillChunk);
    const { request } = armsOf(rows, hiddenSize).at(-1)!;
    const once = async () => {
      await session.forward(text.slice(context), request);
      session.truncate(context);
    };
    for (let repeat = 0; repeat < WARM_UPS; repeat++) await once();
    const onDevice = async () => {
      const times: number[] = [];
      model.calls.timed = true;
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        await once();
        times.push(model.calls.lastCall.device);
      }
      model.calls.timed = false;
      return median(times);
    };
    return work({ once, onDevice });
  });
}

/**
 * One pass between the driver's calls that begin and end a profile.
 *
 * @throws `invalid-option` where the words are no model and two numbers.
 */
export async function profiledPass(engine: Engine, device: string, words: readonly string[]): Promise<void> {
  const [model = '', rows, context] = [words[0], Number(words[1]), Number(words[2])];
  parseSynthetic(model);
  if (words.length !== 3 || ![rows, context].every((number) => Number.isInteger(number) && number > 0)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected ${PROFILED_PASS} MODEL ROWS CONTEXT, got ${words.join(' ') || 'nothing'}.`,
    );
  }
  const driver = koffi.load('libcuda.so.1');
  const [start, stop] = ['Start', 'Stop'].map((end) => driver.func(`int cuProfiler${end}()`));
  await openPass({ engine, device }, { model, rows, context }, async (pass) => {
    start!();
    await pass.once();
    stop!();
  });
}
