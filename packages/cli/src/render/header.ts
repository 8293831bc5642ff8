import { headFor, type JudgeHead, type ModelInfo } from '@judge-decoding/core';
import type { Setup } from '../run/setup.ts';
import { version } from '../version.ts';
import type { Paint } from './paint.ts';
import { joinWithin } from './wrap.ts';

/** What runs, and how: one line where the terminal is wide enough. */
export function headerLines(
  { pair, verifySaid, lossless, head, draftLength }: Setup,
  paint: Paint,
  columns: number,
): readonly string[] {
  const { target, draft, backend } = pair;
  const devices = [target, ...(typeof draft === 'string' ? [] : [draft])].map(
    ({ model }) => model.info.device,
  );
  const saysWhere = devices.some((device) => device.includes(',') || device !== devices[0]);
  const modelSaid = ({ name, dtype, exact, device }: ModelInfo) =>
    `${pair.embedded ? 'pocket-' : ''}${name} (${dtype}${exact ? ', exact' : ''}${saysWhere ? `, ${device}` : ''})`;
  const parts = [
    `judge ${version()}`,
    `backend=${backend}`,
    `target=${modelSaid(target.model.info)}`,
    `draft=${typeof draft === 'string' ? draft : modelSaid(draft.model.info)}`,
    `verify=${verifySaid}${lossless ? '' : ` ${paint.bold(paint.yellow('(LOSSY)'))}`}`,
    ...(head ? [`threshold=${thresholdOf(verifySaid, headFor(head, target.model.info))}`] : []),
    ...(draft === 'none' ? [] : [`draft-length=${draftLength}`]),
  ];
  const lines = joinWithin(parts, '  ', columns);
  return lines.map((line) => paint.dim(line));
}

/** Of every judge in the rule its own where it gives one, else the head's. */
function thresholdOf(verifySaid: string, head: JudgeHead): string {
  const ofHead = `${Number(head.threshold.toPrecision(4))} (the head’s)`;
  const all = [...verifySaid.matchAll(/\bjudge(?::([\d.e-]+))?/g)].map(([, own]) => own ?? ofHead);
  return all.length === 0 ? ofHead : [...new Set(all)].join(', ');
}

/** What is lossy about a rule that is. */
export const lossySaid = ({ rule: { base }, verification: { spec } }: Pick<Setup, 'rule' | 'verification'>) =>
  `This rule is lossy: ${base.lossless ? 'what only an admission let in can' : `${spec.base.name} by itself can`} change the answer. --verify strict keeps the target’s own text.`;
