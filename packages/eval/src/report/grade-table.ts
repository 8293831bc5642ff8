import type { Grade } from '../run/grades.ts';
import { bootstrap } from '../statistics/bootstrap.ts';
import { mcnemar } from '../statistics/mcnemar.ts';
import { chance } from './number-format.ts';
import type { Table } from './table.ts';

/** What a model said of the answers, a row an arm. */
export function gradeTable(grades: readonly Grade[], resamples: number): Table | undefined {
  if (grades.length === 0) return undefined;
  const arms = new Map<string, Grade[]>();
  for (const grade of grades) {
    const key = grade.draftLength > 0 ? `${grade.arm} /${grade.draftLength}` : grade.arm;
    arms.set(key, [...(arms.get(key) ?? []), grade]);
  }
  const judges = [...new Set(grades.map(({ by }) => by))].join(', ');
  return {
    title: 'Graded by a model',
    note: `Scores from 1 to 10 by ${judges}, with MT-Bench’s prompts: mean over turns, 95 % by resampling questions. Better and worse are against plain decoding’s answer, asked in both orders; where the orders disagree it is a tie. p: the exact test of better against worse. A model is no measure of truth: it prefers longer answers, and its own.`,
    head: [
      'arm',
      'turns',
      'score [95 %]',
      'first turn',
      'second turn',
      'better / tie / worse',
      'orders disagree',
      'p',
      'no verdict',
    ],
    rows: [...arms].map(([name, own]) => rowOf(name, own, resamples)),
  };
}

function rowOf(name: string, grades: readonly Grade[], resamples: number): readonly string[] {
  const scored = grades.filter((grade): grade is Grade & { score: number } => grade.score !== null);
  const mean = (of: readonly { readonly score: number }[]) =>
    of.length === 0 ? '–' : (of.reduce((sum, { score }) => sum + score, 0) / of.length).toFixed(2);
  const { low, high } = bootstrap(
    scored.length,
    (indices) => indices.reduce((sum, i) => sum + scored[i]!.score, 0) / indices.length,
    { clusters: scored.map(({ problem }) => problem), resamples },
  );
  const compared = grades.filter(({ against }) => against !== undefined && against !== null);
  const count = (what: Grade['against']) => compared.filter(({ against }) => against === what).length;
  return [
    name,
    String(grades.length),
    scored.length === 0 ? '–' : `${mean(scored)} [${low.toFixed(2)}, ${high.toFixed(2)}]`,
    mean(scored.filter(({ turn }) => turn === 0)),
    mean(scored.filter(({ turn }) => turn === 1)),
    compared.length === 0 ? '–' : `${count('better')} / ${count('tie')} / ${count('worse')}`,
    compared.length === 0 ? '–' : String(compared.filter(({ consistent }) => consistent === false).length),
    compared.length === 0 ? '–' : chance(mcnemar(count('worse'), count('better'))),
    String(grades.length - scored.length),
  ];
}
