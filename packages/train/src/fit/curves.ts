import { logitOf, probabilityOf } from '@judge-decoding/core';
import { type Interval, wilson } from '@judge-decoding/eval';
import type { Examples } from './examples.ts';

/** What a threshold may cost among tokens that standard verification rejects, with 95 % intervals (Wilson). */
export interface ExpectedLoss {
  /** Share of the tokens asked about that are let in although wrong. */
  readonly byTokens: Interval & { readonly share: number };
  /** Share of the answers into which at least one wrong token is let: what accuracy may cost if nothing mends. */
  readonly byAnswers: Interval & { readonly share: number };
  readonly answers: number;
}

/** `answerOf`: number of the answer that each token is of; `answers`: how many there are, those without a token included. */
export function expectedLoss(
  logits: Float64Array,
  correct: Uint8Array,
  answerOf: Int32Array,
  answers: number,
  threshold: number,
): ExpectedLoss {
  const cut = logitOf(threshold);
  const harmed = new Set<number>();
  let wrongIn = 0;
  for (const [i, logit] of logits.entries()) {
    if (!(logit > cut) || correct[i] === 1) continue;
    wrongIn++;
    harmed.add(answerOf[i]!);
  }
  const share = (count: number, of: number) => ({
    share: count / Math.max(1, of),
    ...wilson(count, Math.max(1, of)),
  });
  return { byTokens: share(wrongIn, logits.length), byAnswers: share(harmed.size, answers), answers };
}

/** How scores tell correct from wrong, as a page shows it; plain numbers. */
export interface Curves {
  /** Share of the wrong tokens let in, and of the correct ones, from the highest threshold on. */
  readonly roc: readonly {
    readonly wrongAdmitted: number;
    readonly correctAdmitted: number;
    readonly threshold: number;
  }[];
  /** Of the tokens that are stopped the share that is wrong (precision), and the share of the wrong ones that is stopped (recall). */
  readonly stopping: readonly {
    readonly recall: number;
    readonly precision: number;
    readonly threshold: number;
  }[];
  /** Groups of equally many tokens: their mean score, and the share of them that is correct with its interval. */
  readonly reliability: readonly {
    readonly score: number;
    readonly correct: number;
    readonly low: number;
    readonly high: number;
    readonly tokens: number;
  }[];
  /** By score, in twenty parts from 0 to 1. */
  readonly histogram: readonly {
    readonly from: number;
    readonly to: number;
    readonly correct: number;
    readonly wrong: number;
  }[];
}

const POINTS = 120;

export function curvesOf(logits: Float64Array, { correct }: Pick<Examples, 'correct'>): Curves {
  const order = Int32Array.from({ length: logits.length }, (_, i) => i).sort(
    (a, b) => logits[b]! - logits[a]!,
  );
  const right = correct.reduce((sum, one) => sum + one, 0);
  const wrong = correct.length - right;
  const roc = [{ wrongAdmitted: 0, correctAdmitted: 0, threshold: 1 }];
  const stopping: { recall: number; precision: number; threshold: number }[] = [];
  const every = Math.max(1, Math.floor(order.length / POINTS));
  let [rightIn, wrongIn] = [0, 0];
  for (const [i, at] of order.entries()) {
    if (correct[at] === 1) rightIn++;
    else wrongIn++;
    const next = order[i + 1];
    // tokens of one score are let in together
    const last = next === undefined;
    if (!last && (logits[next] === logits[at] || (i + 1) % every !== 0)) continue;
    const threshold = probabilityOf(last ? Number.NEGATIVE_INFINITY : logits[next]!);
    roc.push({ wrongAdmitted: wrongIn / wrong, correctAdmitted: rightIn / right, threshold });
    const stopped = order.length - i - 1;
    if (stopped > 0)
      stopping.push({ recall: (wrong - wrongIn) / wrong, precision: (wrong - wrongIn) / stopped, threshold });
  }
  const ascending = [...order].reverse();
  const groups = Math.min(10, Math.max(1, Math.floor(ascending.length / 10)));
  const reliability = Array.from({ length: groups }, (_, group) => {
    const part = ascending.slice(
      Math.floor((group * ascending.length) / groups),
      Math.floor(((group + 1) * ascending.length) / groups),
    );
    const count = part.reduce((sum, i) => sum + correct[i]!, 0);
    return {
      score: part.reduce((sum, i) => sum + probabilityOf(logits[i]!), 0) / Math.max(1, part.length),
      correct: count / Math.max(1, part.length),
      ...wilson(count, Math.max(1, part.length)),
      tokens: part.length,
    };
  });
  const histogram = Array.from({ length: 20 }, (_, bin) => ({
    from: bin / 20,
    to: (bin + 1) / 20,
    correct: 0,
    wrong: 0,
  }));
  for (const [i, logit] of logits.entries()) {
    const bin = histogram[Math.min(19, Math.floor(20 * probabilityOf(logit)))]!;
    if (correct[i] === 1) bin.correct++;
    else bin.wrong++;
  }
  return { roc, stopping, reliability, histogram };
}
