import {
  type Acceptance,
  type Costs,
  draftCost,
  JudgeDecodingError,
  leastAccepted,
  predictRound,
  sayAcceptance,
  verifyCost,
} from '@judge-decoding/core';
import { acceptanceOf } from '../measure/acceptance.ts';
import { measuredCosts } from '../pair/measured-costs.ts';
import { openPair } from '../pair/open-pair.ts';
import type { OnOpening } from '../pair/say-opening.ts';
import type { World } from '../world.ts';
import type { DoctorFlags, Finding } from './doctor-finding.ts';

const LENGTHS = [4, 8, 16] as const;

/** What speculation costs here, and how many tokens a round must accept to pay for it. */
export async function speculationFinding(
  flags: DoctorFlags,
  world: World,
  { signal, told }: { readonly signal: AbortSignal; readonly told: OnOpening },
): Promise<Finding> {
  const what = 'speculation';
  try {
    const acceptance = await acceptanceOf(flags.syntheticAcceptance);
    const pair = await openPair(flags, world, {
      signal,
      onNotice: () => undefined,
      onProgress: told,
    });
    try {
      if (pair.draft === 'none') {
        return { what, state: 'note', detail: 'not measured: no draft was named, add --draft FOLDER' };
      }
      // a machine that was busy when it was measured first: this is the way to put it right
      const costs = await measuredCosts(pair, {
        now: () => world.terminal.now(),
        onMeasure: (share) => told('measuring what passes cost here', share, 1),
        signal,
        again: true,
      });
      const found = said(costs);
      return { what, ...found, detail: `${found.detail}${assumed(costs, acceptance)}` };
    } finally {
      await pair.dispose();
    }
  } catch (error) {
    if (JudgeDecodingError.is(error, 'aborted')) throw error;
    return { what, state: 'bad', detail: (error as Error).message };
  }
}

/** What rounds would give with an acceptance that nobody measured: the best draft length for it. */
function assumed(costs: Costs, acceptance: Acceptance | undefined): string {
  if (acceptance === undefined) return '';
  const rounds = [1, 2, 4, 8, 12, 16, 24, 32].map((draftLength) =>
    predictRound({ costs, acceptance, draftLength }),
  );
  const best = rounds.reduce((a, b) => (b.timesPlain > a.timesPlain ? b : a));
  return ` Assumed, not measured: with ${sayAcceptance(acceptance)} a round of ${best.draftLength} drafted tokens would write ${best.committed.toFixed(1)} in ${best.milliseconds.toFixed(1)} ms, ${best.tokensPerSecond.toFixed(0)} tokens/s, ${best.timesPlain.toFixed(2)} times plain decoding’s.`;
}

/** A verdict, and what it rests on: what a round costs in plain steps, and what must come of it. */
function said(costs: Costs): Omit<Finding, 'what'> {
  const plain = verifyCost(costs, 1);
  const rounds = LENGTHS.map((length) => ({
    length,
    steps: (draftCost(costs, length) + verifyCost(costs, length + 1)) / plain,
    least: leastAccepted(costs, length),
  }));
  const paying = rounds.filter(({ length, least }) => least < length);
  const [easiest] = [...paying].sort((a, b) => a.least / a.length - b.least / b.length);
  const step = `A step of plain decoding takes ${plain.toFixed(2)} ms.`;
  return {
    state: easiest === undefined ? 'note' : 'ok',
    detail:
      easiest === undefined
        ? `Drafting cannot pay here: a round costs more steps than it can write tokens. ${step}`
        : `Drafting pays here, with ${easiest.length} tokens a round ${
            easiest.least < 0.05 ? 'at once' : `as soon as ${easiest.least.toFixed(1)} of them are accepted`
          }. ${step}`,
    figures: {
      columns: [
        { title: 'draft length', align: 'right' },
        { title: 'a round costs', align: 'right' },
        { title: 'pays', align: 'left' },
      ],
      rows: rounds.map(({ length, steps, least }) => [
        String(length),
        `${steps.toFixed(2)} steps`,
        least >= length ? 'never' : least < 0.05 ? 'at once' : `from ${least.toFixed(1)} accepted`,
      ]),
    },
  };
}
