import { type Costs, JudgeDecodingError, leastAccepted, verifyCost } from '@judge-decoding/core';
import { measuredCosts } from '../pair/measured-costs.ts';
import { openPair } from '../pair/open-pair.ts';
import type { World } from '../world.ts';
import type { DoctorFlags, Finding } from './doctor-finding.ts';

const LENGTHS = [4, 8, 16] as const;

/** What speculation costs here, and how many tokens a round must accept to pay for it. */
export async function speculationFinding(
  flags: DoctorFlags,
  world: World,
  signal: AbortSignal,
): Promise<Finding> {
  const what = 'speculation';
  try {
    const pair = await openPair(flags, world, { signal });
    try {
      if (pair.draft === 'none') {
        return { what, state: 'note', detail: 'not measured: no draft was named, add --draft FOLDER' };
      }
      // a machine that was busy when it was measured first: this is the way to put it right
      const costs = await measuredCosts(pair, { now: () => world.terminal.now(), signal, again: true });
      return { what, ...said(costs) };
    } finally {
      await pair.dispose();
    }
  } catch (error) {
    if (JudgeDecodingError.is(error, 'aborted')) throw error;
    return { what, state: 'bad', detail: (error as Error).message };
  }
}

/** A verdict, and what it rests on: what a round costs in plain steps, and what must come of it. */
function said(costs: Costs): Omit<Finding, 'what'> {
  const plain = verifyCost(costs, 1);
  const rounds = LENGTHS.map((length) => ({
    length,
    steps: (length * costs.draftToken + verifyCost(costs, length + 1)) / plain,
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
        { title: 'pays from', align: 'left' },
      ],
      rows: rounds.map(({ length, steps, least }) => [
        String(length),
        `${steps.toFixed(2)} steps`,
        least >= length ? 'never' : least < 0.05 ? 'at once' : `${least.toFixed(1)} accepted`,
      ]),
    },
  };
}
