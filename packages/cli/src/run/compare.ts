import {
  type AbortSignalLike,
  type CommittedToken,
  fixedLength,
  rule as makeRule,
  strict,
} from '@judge-decoding/core';
import { type GenerationRun, runGeneration } from './generation-run.ts';
import { generateOptionsOf, openSessions, type Setup } from './setup.ts';

/** One way to decode the same prompt, run several times. */
export interface Arm {
  readonly name: string;
  readonly tokens: readonly CommittedToken[];
  readonly run: GenerationRun;
  /** Milliseconds after the prompt was read: the median over the runs. */
  readonly decoding: number;
  readonly tokensPerSecond: number;
  /** Against plain decoding; tokens per second over tokens per second. */
  readonly speedup: number;
  /** Whether the text is plain decoding's, token by token; meaningless when sampling. */
  readonly sameText: boolean;
}

export interface CompareOptions {
  readonly setup: Setup;
  readonly prompt: readonly number[];
  readonly draftLength: number;
  readonly repeats: number;
  readonly signal: AbortSignalLike;
  readonly now: () => number;
  readonly onRun?: (done: number, total: number) => void;
}

/**
 * Plain, strict and the chosen rule on the same prompt, in turns (A B C A B C), each run on fresh
 * sessions: what the machine does meanwhile hits all alike. Undefined when interrupted.
 */
export async function compare(options: CompareOptions): Promise<readonly Arm[] | undefined> {
  const { setup, prompt, draftLength, repeats, signal, now, onRun } = options;
  const arms = [
    { name: 'plain', draft: false, rule: strict(setup.sampling) },
    { name: 'strict', draft: true, rule: strict(setup.sampling) },
    ...(setup.lossless && setup.rule.base.name === strict(setup.sampling).base.name
      ? []
      : [{ name: setup.verifySaid, draft: true, rule: setup.rule }]),
  ];
  const runs: GenerationRun[][] = arms.map(() => []);
  let done = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [index, arm] of arms.entries()) {
      onRun?.(done++, repeats * arms.length);
      const sessions = await openSessions(setup);
      try {
        const run = await runGeneration({
          ...generateOptionsOf(setup, sessions, fixedLength(arm.draft ? draftLength : 0)),
          ...(arm.draft ? {} : { draft: undefined }),
          rule: makeRule(arm.rule.base, arm.rule.admission),
          prompt,
          signal,
          now,
        });
        if (run.finish.reason === 'interrupted') return undefined;
        runs[index]!.push(run);
      } finally {
        await sessions.dispose();
      }
    }
  }
  const measured = arms.map(({ name }, index) => {
    const run = runs[index]![0]!;
    const decoding = median(
      runs[index]!.map(({ stats: { times } }) => times.draft + times.verify + times.rest),
    );
    return {
      name,
      run,
      tokens: run.tokens,
      decoding,
      tokensPerSecond: (1000 * run.tokens.length) / decoding,
    };
  });
  const plain = measured[0]!;
  return measured.map((arm) => ({
    ...arm,
    speedup: arm.tokensPerSecond / plain.tokensPerSecond,
    sameText:
      arm.tokens.length === plain.tokens.length &&
      arm.tokens.every(({ id }, i) => id === plain.tokens[i]!.id),
  }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
