import { invalidOption } from '@judge-decoding/core';
import { normalQuantile } from './normal.ts';

/**
 * How many paired problems it takes to show a loss of less than `margin` where there is none, with
 * chance `power`: (z_alpha + z_power)^2 · discordance / margin^2. `discordance` is the share of
 * problems on which the two differ. (Nam 1997 without its correction; yardstick's n.)
 *
 * @throws JudgeDecodingError `invalid-option` where a share is none.
 */
export function problemsNeeded({
  margin,
  discordance,
  power = 0.8,
  alpha = 0.025,
}: {
  /** A share: 0.01 is one point. */
  readonly margin: number;
  readonly discordance: number;
  readonly power?: number;
  /** Of one side. */
  readonly alpha?: number;
}): number {
  if (!(margin > 0 && margin < 1)) throw invalidOption('margin', 'a share between 0 and 1', margin);
  if (!(discordance >= 0 && discordance <= 1))
    throw invalidOption('discordance', 'a share from 0 to 1', discordance);
  const z = normalQuantile(1 - alpha) + normalQuantile(power);
  return Math.ceil((z * z * discordance) / (margin * margin));
}
