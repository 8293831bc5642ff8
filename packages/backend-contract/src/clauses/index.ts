import type { Clause } from '../clause.ts';
import { batchClauses } from './batch.ts';
import { disposeClauses } from './dispose.ts';
import { forwardCallClauses } from './forward-calls.ts';
import { forwardOutputClauses } from './forward-outputs.ts';
import { judgeClauses } from './judge.ts';
import { numericClauses } from './numeric.ts';
import { openClauses } from './open.ts';
import { proposeClauses } from './propose.ts';
import { speculativeClauses } from './speculative.ts';
import { truncateClauses } from './truncate.ts';
import { verifyClauses } from './verify.ts';

/** Every promise, in the order in which a new backend best goes about keeping them. */
export const clauses: readonly Clause[] = [
  ...openClauses,
  ...forwardOutputClauses,
  ...forwardCallClauses,
  ...truncateClauses,
  ...proposeClauses,
  ...verifyClauses,
  ...batchClauses,
  ...disposeClauses,
  ...numericClauses,
  ...speculativeClauses,
  ...judgeClauses,
];
