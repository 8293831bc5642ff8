export {
  type CheckOptions,
  type ClauseResult,
  checkBackend,
  type Examination,
  ensureKept,
  examine,
} from './check-backend.ts';
export type { Clause, ClauseContext, ExcusedFlip, Golden, GoldenJudge, Subject } from './clause.ts';
export { clauses } from './clauses/index.ts';
export { describeBackend, type TestRunner } from './describe-backend.ts';
export { ensure, ensureClose, ensureRejects, ensureSame } from './ensure.ts';
export { saboteurs } from './saboteurs/index.ts';
export type { Saboteur } from './saboteurs/saboteur.ts';
export { type Tolerance, toleranceFor } from './tolerance.ts';
export {
  type TableModel,
  type TableModelOptions,
  type ToyModelOptions,
  tableModel,
  toyBackend,
  toyLocation,
  toyModel,
  toyPair,
} from './toy/backend.ts';
export type { NextTable } from './toy/table-net.ts';
