import { JudgeDecodingError, type Model, type Session } from '@judge-decoding/core';
import type { Clause, ClauseContext, ExcusedFlip, Subject } from './clause.ts';
import { clauses as allClauses } from './clauses/index.ts';
import { seededUniforms } from './toy/random.ts';

/** What became of one clause. */
export interface ClauseResult {
  readonly id: string;
  readonly promise: string;
  readonly outcome: 'kept' | 'broken' | 'exempt' | 'not-declared';
  /** What was seen when broken, the reason when exempt, what is missing when not declared. */
  readonly detail: string;
  readonly excusedFlips: readonly ExcusedFlip[];
}

/** One backend under examination: the fixture is opened once, the clauses run one at a time. */
export interface Examination {
  check(clause: Clause): Promise<ClauseResult>;
  /** Closes the fixture and tells what is wrong with the examination itself, if anything. */
  close(): Promise<readonly ClauseResult[]>;
}

export interface CheckOptions {
  readonly clauses?: readonly Clause[];
  readonly onResult?: (result: ClauseResult) => void;
}

/**
 * Runs every clause on one backend, one after another. The backend passes when no result is
 * `broken`; an exemption for an unknown clause, or no clause run at all, is a broken result too.
 */
export async function checkBackend(
  subject: Subject,
  { clauses = allClauses, onResult }: CheckOptions = {},
): Promise<readonly ClauseResult[]> {
  const examination = examine(subject, clauses);
  const results: ClauseResult[] = [];
  for (const clause of clauses) {
    const result = await examination.check(clause);
    results.push(result);
    onResult?.(result);
  }
  for (const result of await examination.close()) {
    results.push(result);
    onResult?.(result);
  }
  return results;
}

/** For runners that call the clauses themselves; `clauses` are those that exemptions may name. */
export function examine(subject: Subject, clauses: readonly Clause[] = allClauses): Examination {
  const outputs = new Set(subject.backend.outputs);
  let opened: Promise<Model> | undefined;
  let ran = 0;

  const run = async (clause: Clause, excuse: (flip: ExcusedFlip) => void): Promise<void> => {
    opened ??= subject.backend.open(subject.location);
    const model = await opened;
    const uniform = seededUniforms(seedOf(clause.id));
    const made: (Session | Model)[] = [];
    const context: ClauseContext = {
      subject,
      model,
      outputs,
      tolerance: subject.tolerance,
      uniform,
      excuse,
      async openSession() {
        const session = await model.openSession();
        made.push(session);
        return session;
      },
      async openModel() {
        const another = await subject.backend.open(subject.location);
        made.push(another);
        return another;
      },
      times: (usual, least = 1) => (subject.slow ? Math.max(least, Math.ceil(usual / 4)) : usual),
      cases: (all, least = 1) => (subject.slow ? all.slice(0, least) : all),
      tokens: (count) => Array.from({ length: count }, () => ordinaryToken(model, uniform)),
    };
    try {
      await clause.run(context);
    } finally {
      for (const resource of made) await resource.dispose();
    }
  };

  const offers = async (call: NonNullable<Clause['call']>) => {
    opened ??= subject.backend.open(subject.location);
    const session = await (await opened).openSession();
    await session.dispose();
    return session[call] !== undefined;
  };

  return {
    async check(clause) {
      const { id, promise } = clause;
      const excusedFlips: ExcusedFlip[] = [];
      const result = (outcome: ClauseResult['outcome'], detail: string): ClauseResult => ({
        id,
        promise,
        outcome,
        detail,
        excusedFlips,
      });

      const reason = subject.exempt[id];
      if (reason !== undefined) return result('exempt', reason);
      const missing = clause.needs.filter((name) => !outputs.has(name));
      if (missing.length > 0)
        return result('not-declared', `${subject.backend.name} does not offer ${missing.join(', ')}`);
      if (clause.golden !== undefined && subject.golden?.[clause.golden] === undefined) {
        return result('not-declared', `the fixture has no golden ${clause.golden}`);
      }

      try {
        if (clause.call !== undefined && !(await offers(clause.call)))
          return result('not-declared', `its sessions have no \`${clause.call}\``);
        ran += 1;
        await run(clause, (flip) => excusedFlips.push(flip));
        return result('kept', '');
      } catch (error) {
        return result('broken', error instanceof Error ? error.message : String(error));
      }
    },
    async close() {
      const model = await opened?.catch(() => undefined);
      await model?.dispose();
      const known = new Set(clauses.map(({ id }) => id));
      const unknown = Object.keys(subject.exempt).filter((id) => !known.has(id));
      const faults: ClauseResult[] = [];
      const fault = (id: string, promise: string, detail: string) => {
        faults.push({ id, promise, outcome: 'broken', detail, excusedFlips: [] });
      };
      if (unknown.length > 0) {
        fault(
          'contract/exemptions',
          'exemptions name clauses that exist',
          `no clause is called ${unknown.join(', ')}`,
        );
      }
      if (ran === 0) fault('contract/ran', 'at least one clause was examined', 'no clause ran');
      return faults;
    },
  };
}

/** The result as an error, when it is one. */
export function ensureKept({ id, outcome, detail }: ClauseResult): void {
  if (outcome === 'broken') throw new JudgeDecodingError('mismatch', `${id} is broken: ${detail}`);
}

function ordinaryToken({ info }: Model, uniform: () => number): number {
  for (let attempt = 0; attempt < 100; attempt++) {
    const token = Math.floor(uniform() * info.vocabSize);
    if (!info.specialTokens.includes(token)) return token;
  }
  return 0;
}

function seedOf(id: string): number {
  let seed = 0;
  for (let index = 0; index < id.length; index++) seed = (Math.imul(seed, 31) + id.charCodeAt(index)) | 0;
  return seed;
}
