import { invalidOption } from '../errors.ts';
import { ANY, commonTo, type Reach, unionOf } from './reach.ts';
import { type Admission, uniteNeeds } from './rule.ts';

/** Admits where at least one of the admissions does. */
export const anyOf = (...admissions: readonly Admission[]): Admission =>
  compose('|', admissions, unionOf, (inner, ...args) => inner.some((one) => one.admits(...args)));

/** Admits only where all of the admissions do. */
export const allOf = (...admissions: readonly Admission[]): Admission =>
  compose('&', admissions, commonTo, (inner, ...args) => inner.every((one) => one.admits(...args)));

function compose(
  sign: string,
  admissions: readonly Admission[],
  reach: (reaches: readonly Reach[]) => Reach,
  admits: (inner: readonly Admission[], ...args: Parameters<Admission['admits']>) => boolean,
): Admission {
  const [first, ...rest] = admissions;
  if (first === undefined) throw invalidOption('admissions', 'at least one admission', 'none');
  if (rest.length === 0) return first;
  const heads = admissions.flatMap((one) => one.heads ?? []);
  const logit = admissions.find((one) => one.logit !== undefined)?.logit;
  return {
    name: admissions.map(({ name }) => (/[|&]/.test(name) ? `(${name})` : name)).join(sign),
    needs: rest.reduce((needs, one) => uniteNeeds(needs, one.needs), first.needs),
    decoding: admissions.some((one) => one.decoding === 'greedy') ? 'greedy' : 'either',
    admits: (...args) => admits(admissions, ...args),
    reach: (within) => reach(admissions.map((one) => one.reach?.(within) ?? ANY)),
    ...(heads.length > 0 ? { heads } : {}),
    ...(logit !== undefined ? { logit } : {}),
    ...(admissions.some(({ forModel }) => forModel !== undefined)
      ? {
          forModel: (model) =>
            compose(
              sign,
              admissions.map((one) => one.forModel?.(model) ?? one),
              reach,
              admits,
            ),
        }
      : {}),
  };
}
