import type { JudgeHead, ModelInfo } from '@judge-decoding/core';
import type { Setup } from '../run/setup.ts';
import { version } from '../version.ts';
import type { Paint } from './paint.ts';

/** One line: what runs, and how. */
export function headerLine({ pair, verifySaid, lossless, head, verification }: Setup, paint: Paint): string {
  const { target, draft, backend } = pair;
  const name = pair.embedded ? 'pocket pair ' : '';
  const parts = [
    `judge ${version()}`,
    `backend=${backend}`,
    `target=${name}${modelSaid(target.model.info)}`,
    `draft=${typeof draft === 'string' ? draft : modelSaid(draft.model.info)}`,
    `verify=${verifySaid}${lossless ? '' : ` ${paint.bold(paint.yellow('(LOSSY)'))}`}`,
    ...(head ? [`threshold=${thresholdOf(verifySaid, head)}`] : []),
    ...(draft === 'none' ? [] : [`draft-length=${verification.draftLength}`]),
  ];
  return parts.map((part) => paint.dim(part)).join('  ');
}

const modelSaid = ({ name, dtype }: ModelInfo): string => `${name} (${dtype})`;

/** Its own where the rule gives one, else the head's. */
function thresholdOf(verifySaid: string, head: JudgeHead): string {
  const own = /judge:([\d.e-]+)/.exec(verifySaid)?.[1];
  return own ?? `${head.threshold} (the head’s)`;
}

export const LOSSY =
  'This rule is lossy: what only an admission let in can change the answer. --verify strict keeps the target’s own text.';
