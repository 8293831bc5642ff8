import {
  type CheckOptions,
  type ClauseResult,
  type Examination,
  ensureKept,
  examine,
} from './check-backend.ts';
import type { Subject } from './clause.ts';
import { clauses } from './clauses/index.ts';

/** The functions of vitest (or of a runner like it) that joining takes. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  test(name: string, body: (context: { skip(note?: string): never }) => Promise<void>): unknown;
  beforeAll(body: () => Promise<void>): unknown;
  afterAll(body: () => Promise<void>): unknown;
}

/**
 * One test per clause: `describeBackend('cpu fp32', async () => subject, { describe, test, beforeAll, afterAll })`.
 * What a backend does not declare or is exempt from is skipped with its reason; excused near ties
 * are in the results that `onResult` is told.
 */
export function describeBackend(
  name: string,
  makeSubject: () => Subject | Promise<Subject>,
  { describe, test, beforeAll, afterAll }: TestRunner,
  { onResult }: Pick<CheckOptions, 'onResult'> = {},
): void {
  describe(name, () => {
    let examination: Examination;
    let faults: Promise<readonly ClauseResult[]> | undefined;
    const close = () => {
      faults ??= examination.close();
      return faults;
    };

    beforeAll(async () => {
      examination = examine(await makeSubject());
    });
    for (const clause of clauses) {
      test(`${clause.id}: ${clause.promise}`, async (context) => {
        const result = await examination.check(clause);
        onResult?.(result);
        ensureKept(result);
        if (result.outcome !== 'kept') context.skip(`${result.outcome}: ${result.detail}`);
      });
    }
    test('contract: clauses were examined, and exemptions name real ones', async () => {
      for (const fault of await close()) ensureKept(fault);
    });
    afterAll(async () => {
      await close();
    });
  });
}
