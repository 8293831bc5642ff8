import {
  type Acceptance,
  type Costs,
  predictRound,
  type RoundPrediction,
  stepsAtOnce,
} from '@judge-decoding/core';
import type { EngineShape } from '../engine.ts';
import { cacheBytesPerToken } from '../memory.ts';
import { divides } from '../ranks.ts';
import type { GpuKind } from './gpus.ts';
import { type EngineFigures, partBytes, partOf, predictPass } from './predict-pass.ts';

/** Where a draft runs: over all of the target's GPUs, on one of them, or on one more of its own. */
export type Placement = 'all' | 'one' | 'own';

export interface PlanQuestion {
  readonly target: EngineShape;
  readonly draft: EngineShape;
  readonly gpu: GpuKind;
  /** GPUs of the target. */
  readonly gpus: number;
  /** Tokens in both caches. */
  readonly context: number;
  readonly acceptance: Acceptance;
  /** The best one up to `most` when absent. */
  readonly draftLength?: number | undefined;
  readonly most?: number;
  /** Tokens a session can hold: what memory is planned with; room for the context and a round when absent. */
  readonly capacity?: number;
}

export interface PlannedRound extends RoundPrediction {
  readonly placement: Placement;
}

export interface Plan {
  readonly gpus: number;
  /** Why it cannot be, if so; then the rest is left out. */
  readonly cannot?: string;
  /** Bytes on the GPU that holds most, weights and one session of each model. */
  readonly bytes: number;
  /** Milliseconds of a token of plain decoding, of which several come in a call, and tokens a second. */
  readonly plain: { readonly milliseconds: number; readonly tokensPerSecond: number };
  /** By tokens a second, the best first. */
  readonly rounds: readonly PlannedRound[];
}

/** Of memory, what is planned with; the rest is the driver's and scratch. */
const USABLE = 0.95;
/** With one more a pass is of 64 rows: wider ones were not measured. */
export const MOST_DRAFTED = 63;
const WIDTHS = [1, 2, 4, 8, 16, 26, 32, 48, 64] as const;

/** What rounds of a pair would do on so many GPUs: a prediction, from sizes and measured figures. */
export function planPair(question: PlanQuestion, figures: EngineFigures): Plan {
  const { target, draft, gpu, gpus, context, acceptance, most = MOST_DRAFTED } = question;
  const { capacity = Math.max(4096, context + MOST_DRAFTED + 1) } = question;
  const held = (shape: EngineShape, ranks: number) =>
    partBytes(shape, ranks) + Math.min(capacity, shape.context) * cacheBytesPerToken(partOf(shape, ranks));
  const room = USABLE * gpu.memory;
  const bytes = divides(target, gpus) ? held(target, gpus) : 0;
  const none = { gpus, bytes, plain: { milliseconds: 0, tokensPerSecond: 0 }, rounds: [] };
  if (!divides(target, gpus)) return { ...none, cannot: `heads or columns do not divide by ${gpus}` };
  if (bytes > room) return { ...none, cannot: 'the target does not fit' };
  const targetPass = (rows: number) =>
    predictPass({ shape: target, ranks: gpus, rows, context }, gpu, figures);
  const costs = (ranks: number): Costs => {
    const token = predictPass({ shape: draft, ranks, rows: 1, context }, gpu, figures);
    return {
      verify: WIDTHS.map((rows) => [rows, targetPass(rows)] as const),
      draftToken: token,
      draftPrefillToken: token / 64,
    };
  };
  const lengths =
    question.draftLength === undefined
      ? Array.from({ length: most }, (_, index) => index + 1)
      : [question.draftLength];
  const step = targetPass(1);
  const milliseconds = step + figures.perCall / stepsAtOnce(step);
  const rounds = placements(question, bytes, room, held).map(({ placement, ranks }) => {
    const of = costs(ranks);
    // a draft and a pass: two calls a round
    const overhead = 2 * figures.perCall;
    const tried = lengths.map((draftLength) =>
      predictRound({ costs: of, acceptance, draftLength, overhead }),
    );
    const best = tried.reduce((a, b) => (b.tokensPerSecond > a.tokensPerSecond ? b : a));
    // a round pays its calls whole, plain decoding a share of one
    return { ...best, placement, timesPlain: (best.tokensPerSecond * milliseconds) / 1000 };
  });
  return {
    gpus,
    bytes,
    plain: { milliseconds, tokensPerSecond: 1000 / milliseconds },
    rounds: rounds.sort((a, b) => b.tokensPerSecond - a.tokensPerSecond),
  };
}

/** The placements that fit; one of its own only where the target's GPUs have no room. */
function placements(
  { draft, gpus, gpu }: PlanQuestion,
  bytes: number,
  room: number,
  held: (shape: EngineShape, ranks: number) => number,
): readonly { readonly placement: Placement; readonly ranks: number }[] {
  const found: { readonly placement: Placement; readonly ranks: number }[] = [];
  if (bytes + held(draft, 1) <= room) found.push({ placement: 'one', ranks: 1 });
  if (gpus > 1 && divides(draft, gpus) && gpu.link !== undefined && bytes + held(draft, gpus) <= room)
    found.push({ placement: 'all', ranks: gpus });
  if (found.length === 0 && held(draft, 1) <= room) found.push({ placement: 'own', ranks: 1 });
  return found;
}
