import { join } from 'node:path';
import {
  type CudaOptions,
  cudaBackend,
  engineShape,
  type HeldAs,
  parseSynthetic,
} from '@judge-decoding/backend-cuda';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { complete, draftSession, JudgeDecodingError, type Session, type TokenId } from '@judge-decoding/core';
import { DOMAINS, pocketProblem } from '@judge-decoding/tasks';
import { sameBits, textOf, uniforms } from './numbers.ts';
import { type Run, withModel } from './run.ts';

const FIELDS = 'hidden=512,layers=3,heads=16,kv=4,headDim=64,ff=2048,rows=5120,tokens=5000';
const QUICK_FIELDS = 'hidden=64,layers=2,heads=8,kv=2,headDim=16,ff=128,rows=300';
const fieldsOf = ({ quick }: Run) => `random:${quick ? QUICK_FIELDS : FIELDS}`;

/** A model over ranks against the same over one, and against itself. */
export interface AgreementResult {
  readonly device: string;
  readonly dtype: string;
  readonly rows: number;
  /** Most and mean difference of a logit, in standard deviations of its row. */
  readonly most: number;
  readonly mean: number;
  /** Rows whose likeliest token differs from one rank's. */
  readonly otherArgmax: number;
  /** Rows of other widths and cuts, and of a repeated pass, whose bits differ: 0 is promised. */
  readonly differ: number;
  readonly compared: number;
  /** Whether every rank's residual stream was the same bits. */
  readonly sameOnAllRanks: boolean;
}

export async function agreement(
  run: Run,
  { device, dtype }: { readonly device: string; readonly dtype: string },
): Promise<AgreementResult> {
  const location = `synthetic:${fieldsOf(run)}:${dtype}`;
  const options: CudaOptions = { contextLength: 512 };
  const rows = run.quick ? 100 : 300;
  const widths = run.quick ? [1, 2, 22, 43, 64] : Array.from({ length: 64 }, (_, index) => index + 1);
  const text = textOf(uniforms(5), rows, run.quick ? 300 : 5000);
  const expected = await withModel({ ...run, device: 'cuda:0' }, location, options, async (model) =>
    (await model.openSession()).forward(text, { logits: true, argmax: true }),
  );
  const found = await withModel({ ...run, device }, location, options, async (model) => {
    const session = await model.openSession();
    const whole = await session.forward(text, { logits: true, argmax: true });
    session.truncate(0);
    const vocabulary = model.info.vocabSize;
    let [differ, compared] = [0, 0];
    const compare = (logits: Float32Array, from: number, count: number) => {
      for (let row = 0; row < count; row++, compared++) {
        if (!sameBits(logits, row, whole.logits, from + row, vocabulary)) differ++;
      }
    };
    compare((await session.forward(text, { logits: true })).logits, 0, rows);
    for (const width of widths) {
      const from = (width * 37) % (rows - width);
      session.truncate(Math.min(from, session.length));
      // a narrow pass before this one may have ended earlier
      if (session.length < from) await session.forward(text.slice(session.length, from), {});
      const { logits } = await session.forward(text.slice(from, from + width), { logits: true });
      compare(logits, from, width);
    }
    return { whole, differ, compared, vocabulary };
  });
  const { most, mean } = difference(expected.logits, found.whole.logits, found.vocabulary);
  const otherArgmax = expected.argmax.filter((token, row) => token !== found.whole.argmax[row]).length;
  const sameOnAllRanks = await sameResiduals(run, device, dtype);
  const { differ, compared } = found;
  return { device, dtype, rows, most, mean, otherArgmax, differ, compared, sameOnAllRanks };
}

function difference(a: Float32Array, b: Float32Array, width: number) {
  let [most, sum] = [0, 0];
  for (let from = 0; from < a.length; from += width) {
    const row = a.subarray(from, from + width);
    const average = row.reduce((total, value) => total + value, 0) / width;
    const deviation = Math.sqrt(row.reduce((total, value) => total + (value - average) ** 2, 0) / width);
    for (let i = 0; i < width; i++) {
      const off = Math.abs(row[i]! - b[from + i]!) / deviation;
      most = Math.max(most, off);
      sum += off;
    }
  }
  return { most, mean: sum / a.length };
}

const ranksOf = (device: string): readonly number[] => device.slice('cuda:'.length).split(',').map(Number);

async function openEngine({ engine, quick, ...run }: Run, device: string, heldAs: HeldAs, patience = 0) {
  const { config } = parseSynthetic(fieldsOf({ engine, quick, ...run }));
  const model = await engine.createModel(
    engineShape(config, { ranks: ranksOf(device), heldAs, context: 512 }),
    {
      patience,
    },
  );
  await model.synthesize(1);
  await model.finish();
  return { model, tokens: config.tokenCount };
}

const NOTHING = {
  argmax: true,
  chosen: false,
  top: 0,
  logSumExp: false,
  entropy: false,
  terms: [],
  hidden: [],
  layers: new Int32Array(0),
  layerStates: false,
  logits: false,
};

async function sameResiduals(run: Run, device: string, dtype: string): Promise<boolean> {
  const { model, tokens } = await openEngine(run, device, dtype as HeldAs);
  try {
    const session = await model.createSession(512);
    const text = Int32Array.from(textOf(uniforms(6), 60, tokens));
    await model.forward([{ session, tokens: text, start: 0 }], NOTHING);
    const [first, ...others] = await model.residuals(text.length);
    return others.every((other) => sameBits(first!, 0, other, 0, first!.length));
  } catch (error) {
    // the stand-in of the tests keeps no residual stream
    if (run.quick && JudgeDecodingError.is(error, 'unsupported')) return true;
    throw error;
  } finally {
    await model.destroy();
  }
}

/** A rank whose messages reach nobody: how long until the others say so, and what they say. */
export interface MuteResult {
  readonly device: string;
  readonly patience: number;
  readonly milliseconds: number;
  readonly said: string;
}

export async function muteRank(run: Run, device: string): Promise<MuteResult> {
  const patience = 500;
  const { model, tokens } = await openEngine(run, device, 'bf16', patience);
  try {
    const session = await model.createSession(512);
    await model.mute(ranksOf(device).length - 1);
    const from = performance.now();
    const said = await model
      .forward([{ session, tokens: Int32Array.from(textOf(uniforms(6), 200, tokens)), start: 0 }], NOTHING)
      .then(
        () => 'nothing: the pass went on',
        (error: Error) => error.message,
      );
    return { device, patience, milliseconds: performance.now() - from, said };
  } catch (error) {
    if (run.quick && JudgeDecodingError.is(error, 'unsupported'))
      return { device, patience, milliseconds: 0, said: 'not tried: the stand-in’s ranks do not talk' };
    throw error;
  } finally {
    await model.destroy();
  }
}

/** Generations that are given up at random moments: drafts, verification, prompts. */
export interface AbortsResult {
  readonly device: string;
  readonly generations: number;
  readonly givenUp: number;
  /** Whether a pass before and after all of them returned the same bits. */
  readonly sameBits: boolean;
  readonly memoryBefore: number;
  readonly memoryAfter: number;
  readonly seconds: number;
}

/** Of one item: a stopped run loses at most that many. */
export const ABORTS = 200;
export const TEXTS = 20;

export async function abortedGenerations(
  run: Run,
  { device, batch }: { readonly device: string; readonly batch: number },
): Promise<AbortsResult> {
  const generations = run.quick ? 6 : ABORTS;
  const uniform = uniforms(9 + batch);
  const from = performance.now();
  const used = async () => {
    const all = await Promise.all([...new Set(ranksOf(device))].map((index) => run.engine.device(index)));
    return all.reduce((sum, { memoryTotal, memoryFree }) => sum + memoryTotal - memoryFree, 0);
  };
  const location = `synthetic:${fieldsOf(run)}:int8`;
  const over = { ...run, device };
  const probe = (model: Awaited<ReturnType<ReturnType<typeof cudaBackend>['open']>>) =>
    model.openSession().then(async (session) => {
      const { logits } = await session.forward(textOf(uniforms(3), 64, model.info.vocabSize), {
        logits: true,
      });
      await session.dispose();
      return logits;
    });
  // what the first model leaves in the driver is no leak
  await withModel(over, location, { contextLength: 512 }, probe);
  const memoryBefore = await used();
  let [givenUp, same] = [0, true];
  await withModel(over, location, { contextLength: 512 }, (model) =>
    withModel(over, `synthetic:${fieldsOf(run)},layers=1:int4`, { contextLength: 512 }, async (small) => {
      const before = await probe(model);
      for (let index = 0; index < generations; index++) {
        const [target, draft] = [await model.openSession(), await small.openSession()];
        const leaving = new AbortController();
        const timer = setTimeout(() => leaving.abort(), 60 * uniform());
        const prompt = textOf(uniform, 1 + Math.floor(200 * uniform()), model.info.vocabSize);
        await complete({
          model: model.info,
          target,
          draft: draftSession(small, draft),
          prompt,
          maxTokens: 200,
          signal: leaving.signal,
        }).catch((error: unknown) => {
          if (!JudgeDecodingError.is(error, 'aborted')) throw error;
          givenUp++;
        });
        clearTimeout(timer);
        await Promise.all([target.dispose(), draft.dispose()]);
      }
      const after = await probe(model);
      same = sameBits(before, 0, after, 0, before.length);
    }),
  );
  return {
    device,
    generations,
    givenUp,
    sameBits: same,
    memoryBefore,
    memoryAfter: await used(),
    seconds: (performance.now() - from) / 1000,
  };
}

/** Texts of real weights: plain decoding over ranks against plain decoding on one. */
export interface TextsOverResult {
  readonly device: string;
  readonly dtype: string;
  readonly texts: number;
  readonly tokens: number;
  /** Where a text took another token: the gap of one rank's two likeliest, in deviations of its row. */
  readonly differ: readonly { readonly problem: string; readonly at: number; readonly gap: number }[];
  /** Of those, gaps of at least a near tie's: must be none. */
  readonly unexcused: number;
}

/** A near tie of bf16 and fewer bits. */
const NEAR_TIE = 2e-2;

export async function textsOver(
  run: Run,
  { device, batch }: { readonly device: string; readonly batch: number },
): Promise<TextsOverResult | { readonly why: string }> {
  const dtype = 'bf16';
  const folder = join(run.pair, 'target');
  const checkpoint = await openCheckpoint(folder);
  const open = (on: string) => cudaBackend({ engine: run.engine, device: on, dtype }).open(folder);
  const one = await open('cuda:0');
  try {
    const several = await open(device);
    try {
      const [a, b] = [await one.openSession(), await several.openSession()];
      const texts = run.quick ? 1 : TEXTS;
      const differ: TextsOverResult['differ'][number][] = [];
      let tokens = 0;
      for (let index = 0; index < texts; index++) {
        const domain = DOMAINS[index % DOMAINS.length]!;
        const problem = pocketProblem(
          { domain, split: 'dev', index: batch * TEXTS + index },
          checkpoint.tokenizer,
        );
        const write = (session: Session, model: typeof one) => {
          session.truncate(0);
          const maxTokens = run.quick ? 6 : 400;
          return complete({ model: model.info, target: session, prompt: problem.prompt, maxTokens });
        };
        const [x, y] = [await write(a, one), await write(b, several)];
        tokens += x.tokens.length;
        const length = Math.max(x.tokens.length, y.tokens.length);
        const at = Array.from({ length }, (_, i) => i).find((i) => x.tokens[i] !== y.tokens[i]);
        if (at === undefined) continue;
        differ.push({
          problem: problem.id,
          at,
          gap: await gapAfter(a, [...problem.prompt, ...x.tokens.slice(0, at)]),
        });
      }
      const unexcused = differ.filter(({ gap }) => gap >= NEAR_TIE).length;
      return { device, dtype, texts, tokens, differ, unexcused };
    } finally {
      await several.dispose();
    }
  } catch (error) {
    // a small model's heads may not divide by so many
    if (JudgeDecodingError.is(error, 'unsupported')) return { why: error.message };
    throw error;
  } finally {
    await one.dispose();
    await checkpoint.dispose();
  }
}

/** Of the two likeliest tokens after a text, in standard deviations of the row's logits. */
async function gapAfter(session: Session, text: readonly TokenId[]): Promise<number> {
  session.truncate(0);
  if (text.length > 1) await session.forward(text.slice(0, -1), {});
  const { logits } = await session.forward(text.slice(-1), { logits: true });
  const sorted = [...logits].sort((p, q) => q - p);
  const average = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const deviation = Math.sqrt(sorted.reduce((sum, value) => sum + (value - average) ** 2, 0) / sorted.length);
  return (sorted[0]! - sorted[1]!) / deviation;
}
