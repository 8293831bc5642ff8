import { expect, test } from 'vitest';
import { checkBackend, clauses, saboteurs, toleranceFor } from '../src/index.ts';
import { toySubject } from './toy-subject.ts';

test.each(saboteurs)('$name: $fault', async (saboteur) => {
  expect((await brokenBy(saboteur, 'fp32')).sort()).toEqual([...saboteur.breaks].sort());
});

/** Faults too small for the judge's dot products to show, of those that other clauses catch. */
const HIDDEN = ['long-passes-are-wrong: judge/same-decisions'];

test('on a slow device the same clauses catch the same faults', async () => {
  const missed: string[] = [];
  for (const saboteur of saboteurs) {
    const broken = await brokenBy(saboteur, 'fp32', true);
    for (const id of saboteur.breaks.filter((each) => !broken.includes(each)))
      missed.push(`${saboteur.name}: ${id}`);
  }
  expect(missed).toEqual([]);
});

test('at the tolerance of rounded activations the same clauses catch the same faults', async () => {
  const missed: string[] = [];
  for (const saboteur of saboteurs) {
    const broken = await brokenBy(saboteur, 'int8');
    for (const id of saboteur.breaks.filter((each) => !broken.includes(each)))
      missed.push(`${saboteur.name}: ${id}`);
  }
  expect(missed).toEqual(HIDDEN);
});

async function brokenBy(
  { backend, memoryInUse }: (typeof saboteurs)[number],
  dtype: string,
  slow = false,
): Promise<string[]> {
  const subject = { ...(await toySubject(backend())), tolerance: toleranceFor(dtype), slow };
  const results = await checkBackend(memoryInUse ? { ...subject, memoryInUse } : subject);
  return results.filter(({ outcome }) => outcome === 'broken').map(({ id }) => id);
}

test('every clause has a saboteur that breaks it', () => {
  const broken = new Set(saboteurs.flatMap(({ breaks }) => breaks));
  expect(clauses.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});

test('every saboteur has a name of its own', () => {
  expect(new Set(saboteurs.map(({ name }) => name)).size).toBe(saboteurs.length);
});
