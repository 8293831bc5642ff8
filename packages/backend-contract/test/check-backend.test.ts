import { expect, test } from 'vitest';
import { ensureSameFavourite } from '../src/evidence.ts';
import {
  type Clause,
  type ClauseResult,
  checkBackend,
  clauses,
  toyBackend,
  toyLocation,
} from '../src/index.ts';
import { toySubject } from './toy-subject.ts';

const outcomes = (results: readonly ClauseResult[]) =>
  Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]));

test('the sound toy keeps every clause, and each is reported as it is done', async () => {
  const seen: string[] = [];
  const results = await checkBackend(await toySubject(), { onResult: ({ id }) => seen.push(id) });
  expect(results.filter(({ outcome }) => outcome !== 'kept')).toEqual([]);
  expect(seen).toEqual(clauses.map(({ id }) => id));
});

test.each([
  { seed: 1, vocab: 3, hidden: 4, context: 40 },
  { seed: 2, vocab: 5, hidden: 8, context: 300, endTokens: [] },
  { seed: 3, vocab: 257, hidden: 16, context: 128, prefillChunk: 64 },
  { seed: 4, vocab: 40, hidden: 3, context: 4096, sharpness: 2, ties: true },
  { seed: 5, vocab: 17, hidden: 8, prefillChunk: 1, agreement: 0.5 },
])('a sound toy of another shape keeps every clause: %o', async (options) => {
  const { golden, malformed, ...subject } = await toySubject();
  const results = await checkBackend({ ...subject, location: toyLocation(options) });
  expect(results.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
});

test('clause ids are different, and each says its promise', () => {
  expect(new Set(clauses.map(({ id }) => id)).size).toBe(clauses.length);
  for (const { id, promise } of clauses) {
    expect(id).toMatch(/^[a-z]+\/[a-z-]+$/);
    expect(promise).toMatch(/^[^A-Z].*[^.]$/);
  }
});

test('a backend without logits or hidden states is examined by what it has', async () => {
  const { golden, ...subject } = await toySubject({
    ...toyBackend(),
    outputs: ['argmax', 'chosen', 'top', 'judge'],
  });
  const results = await checkBackend(subject);
  expect(results.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
  expect(results.filter(({ outcome }) => outcome === 'kept').length).toBeGreaterThan(25);
});

test('what a backend does not declare is not examined, and the reason is told', async () => {
  const { golden, ...subject } = await toySubject({ ...toyBackend(), outputs: ['argmax', 'judge'] });
  const results = await checkBackend(subject);
  expect(outcomes(results)).toMatchObject({
    'truncate/forgets': 'kept',
    'forward/judge': 'not-declared',
    'forward/top': 'not-declared',
    'numeric/golden-text': 'not-declared',
  });
  const details = results.filter(({ outcome }) => outcome === 'not-declared').map(({ detail }) => detail);
  expect(details).toContain('toy does not offer top, logits');
  expect(details).toContain('the fixture has no golden text');
  expect(results.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
});

test('an exemption carries its reason; one that names no clause is a failure', async () => {
  const subject = await toySubject();
  const results = await checkBackend({
    ...subject,
    exempt: { 'forward/repeatable': 'adds up in any order', 'forward/retired': 'was a clause once' },
  });
  const repeatable = results.find(({ id }) => id === 'forward/repeatable');
  expect(repeatable).toMatchObject({ outcome: 'exempt', detail: 'adds up in any order' });
  expect(results.at(-1)).toMatchObject({ id: 'contract/exemptions', outcome: 'broken' });
  expect(results.at(-1)?.detail).toContain('forward/retired');
});

test('no clause run is a failure', async () => {
  const subject = await toySubject({ ...toyBackend(), outputs: [] });
  const needy: Clause = { id: 'needs/all', promise: 'nothing', needs: ['top'], run: async () => undefined };
  expect(outcomes(await checkBackend(subject, { clauses: [needy] }))).toEqual({
    'needs/all': 'not-declared',
    'contract/ran': 'broken',
  });
});

test('a fixture that cannot be opened breaks every clause that needs it', async () => {
  const results = await checkBackend({ ...(await toySubject()), location: 'nowhere' });
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['broken']));
  expect(results[0]?.detail).toContain('nowhere');
});

test('an excused near tie is listed with its gap, a clear difference is not excused', async () => {
  const results = (logitOfOther: number) => {
    const clause: Clause = {
      id: 'try/tie',
      promise: 'ties',
      needs: [],
      async run(context) {
        const logits = Float32Array.of(0, 5, logitOfOther, -5);
        ensureSameFavourite(context, 2, { argmax: 1, logits }, 'row 0');
      },
    };
    return toySubject().then((subject) => checkBackend(subject, { clauses: [clause] }));
  };
  const [near] = await results(4.999);
  expect(near).toMatchObject({ outcome: 'kept', excusedFlips: [{ where: 'row 0' }] });
  expect(near?.excusedFlips[0]?.gap).toBeCloseTo(0.001, 4);
  const [clear] = await results(4.9);
  expect(clear).toMatchObject({ outcome: 'broken', excusedFlips: [] });
});
