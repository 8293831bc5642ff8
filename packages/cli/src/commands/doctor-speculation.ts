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

function said(costs: Costs): Pick<Finding, 'state' | 'detail'> {
  const plain = verifyCost(costs, 1);
  const steps = (milliseconds: number) => (milliseconds / plain).toFixed(2);
  const least = LENGTHS.map((length) => leastAccepted(costs, length));
  const detail =
    `a plain step takes ${plain.toFixed(2)} ms; in such steps a pass of 9 rows costs ${steps(verifyCost(costs, 9))}, ` +
    `of 17 rows ${steps(verifyCost(costs, 17))}, a drafted token ${steps(costs.draftToken)}; drafting ` +
    `${LENGTHS.map((length, index) => `${length} pays from ${least[index]!.toFixed(1)}`).join(', ')} accepted a round`;
  return { state: LENGTHS.some((length, index) => least[index]! < length) ? 'ok' : 'note', detail };
}
