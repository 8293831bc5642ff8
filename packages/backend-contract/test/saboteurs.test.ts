import { expect, test } from 'vitest';
import { checkBackend, clauses, saboteurs } from '../src/index.ts';
import { toySubject } from './toy-subject.ts';

test.each(saboteurs)('$name: $fault', async (saboteur) => {
  const subject = await toySubject(saboteur.backend());
  const { memoryInUse } = saboteur;
  const results = await checkBackend(memoryInUse ? { ...subject, memoryInUse } : subject);
  const broken = results.filter(({ outcome }) => outcome === 'broken').map(({ id }) => id);
  expect(broken.sort()).toEqual([...saboteur.breaks].sort());
});

test('every clause has a saboteur that breaks it', () => {
  const broken = new Set(saboteurs.flatMap(({ breaks }) => breaks));
  expect(clauses.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});

test('every saboteur has a name of its own', () => {
  expect(new Set(saboteurs.map(({ name }) => name)).size).toBe(saboteurs.length);
});
