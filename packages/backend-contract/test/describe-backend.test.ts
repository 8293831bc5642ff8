import { expect, test } from 'vitest';
import { type ClauseResult, clauses, describeBackend, saboteurs, toyBackend } from '../src/index.ts';
import { toySubject } from './toy-subject.ts';

/** A runner that only collects, so that what joins it can be run and looked at. */
function collector() {
  const tests = new Map<string, () => Promise<'passed' | string>>();
  const around: (() => Promise<void>)[] = [];
  class Skipped extends Error {}
  return {
    tests,
    around,
    runner: {
      describe: (_: string, body: () => void) => body(),
      beforeAll: (body: () => Promise<void>) => around.push(body),
      afterAll: (body: () => Promise<void>) => around.push(body),
      test(name: string, body: (context: { skip(note?: string): never }) => Promise<void>) {
        const context = {
          skip(note = ''): never {
            throw new Skipped(`skipped: ${note}`);
          },
        };
        tests.set(name, () =>
          body(context).then(
            () => 'passed',
            (error: Error) => error.message,
          ),
        );
      },
    },
  };
}

test('a runner gets one test per clause; broken ones fail, others than kept are skipped with a reason', async () => {
  const { tests, around, runner } = collector();
  const results: ClauseResult[] = [];
  const saboteur = saboteurs.find(({ name }) => name === 'wrong-chosen-offset');
  const backend = saboteur?.backend() ?? toyBackend();
  const subject = {
    ...(await toySubject(backend)),
    exempt: { 'forward/limit': 'still to do', 'no/clause': 'gone' },
  };
  describeBackend('toy', () => subject, runner, { onResult: (result) => results.push(result) });
  const [before, after] = around;
  await before?.();
  const seen = new Map<string, string>();
  for (const [name, run] of tests) seen.set(name.split(': ')[0] ?? '', await run());
  await after?.();
  expect([...seen.keys()]).toEqual([...clauses.map(({ id }) => id), 'contract']);
  expect(seen.get('truncate/forgets')).toBe('passed');
  expect(seen.get('forward/chosen')).toContain('forward/chosen is broken: chosen');
  expect(seen.get('forward/limit')).toBe('skipped: exempt: still to do');
  expect(seen.get('contract')).toContain('no/clause');
  expect(results.length).toBe(clauses.length);
});
