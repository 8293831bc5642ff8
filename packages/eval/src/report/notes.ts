import { measuresSpeed } from '../run/machine.ts';
import type { Results } from '../run/result-folder.ts';
import type { Row } from '../run/row.ts';
import { askedOf } from '../run/run-settings.ts';
import { type ArmAnalysis, nameOf, REFERENCE } from './arm-analysis.ts';
import { sayPoints } from './number-format.ts';
import { hasDrifted } from './predict-rounds.ts';

/** What was not measured, what was lost, what should not be concluded: a sentence each. */
export function notesOf(
  { settings, machines, rows, broken }: Results,
  arms: readonly ArmAnalysis[],
  byModel: boolean,
): readonly string[] {
  const notes = [...broken];
  const { rows: expected } = askedOf(settings);
  if (rows.length < expected)
    notes.push(
      `${(expected - rows.length).toLocaleString('en')} of ${expected.toLocaleString('en')} rows are still to come: the same command goes on.`,
    );
  if (!arms.some(({ name }) => name === REFERENCE))
    notes.push(`The arm \`${REFERENCE}\` was not run, so nothing is compared with anything.`);
  if (!arms.some(({ name }) => name === 'draft'))
    notes.push('The draft alone was not run: how much of its gap to the target is kept cannot be said.');
  notes.push(...ofMachines({ machines, rows }, arms));
  notes.push(...ofCosts(arms));
  notes.push(...ofPrograms(rows, arms));
  notes.push(...ofLength(settings, rows, arms));
  if (settings.fixed.margin === null)
    notes.push('No margin was stated before the run (--margin), so no arm is called non-inferior.');
  const short = arms.filter(
    ({ whole: { quality } }) => quality?.needed !== undefined && quality.graded < quality.needed,
  );
  if (short.length > 0) {
    const point = sayPoints(settings.fixed.margin ?? 0.01);
    const most = Math.max(...short.map(({ whole }) => whole.quality!.needed!));
    notes.push(
      `To show a loss of under ${point} where there is none, up to ${most.toLocaleString('en')} problems are needed (80 % power, at the share of answers that differed here); ${short.length > 8 ? `${short.length} of ${arms.length} arms` : [...new Set(short.map(({ name }) => name))].join(', ')} had fewer.`,
    );
  }
  if (arms.every(({ whole }) => whole.quality === undefined) && !byModel)
    notes.push('Nothing here was graded.');
  for (const { name, synthetic } of arms)
    if (synthetic !== undefined)
      notes.push(
        `${name} is ${synthetic}. Its text means nothing, and its speed is what such acceptance would give.`,
      );
  return notes;
}

/** Answers that had no end of their own; what is accepted by chance never has one. */
function ofLength(
  { fixed }: Results['settings'],
  rows: readonly Row[],
  arms: readonly ArmAnalysis[],
): readonly string[] {
  const counts = arms
    .filter(({ synthetic }) => synthetic === undefined)
    .map(({ name }) => ({
      name,
      cut: rows.filter(({ arm, finish }) => arm === name && (finish === 'length' || finish === 'context'))
        .length,
    }))
    .filter(({ cut }) => cut > 0);
  if (counts.length === 0) return [];
  const said = counts.map(({ name, cut }) => `${name} ${cut}`).join(', ');
  return [`Answers that were cut at ${fixed.maxTokens} tokens, the task’s limit or the context: ${said}.`];
}

function ofMachines(
  { machines, rows }: Pick<Results, 'machines' | 'rows'>,
  arms: readonly ArmAnalysis[],
): readonly string[] {
  const notes: string[] = [];
  const names = [...new Set(rows.map(({ machine }) => machine ?? 'unknown'))];
  if (names.length > 1)
    notes.push(
      `Rows are of ${names.length} machines or commits (${[...new Set(names.map((name) => machines[name]?.cpu ?? name))].join('; ')}): accuracy is counted over all of them, and speeds only against rows of the same one.`,
    );
  const unknown = rows.filter(
    ({ machine }) => machine !== undefined && machines[machine] === undefined,
  ).length;
  if (unknown > 0)
    notes.push(
      `Of ${unknown.toLocaleString('en')} rows env.json does not know the machine: their times are left out.`,
    );
  const untimed = names.filter((name) => !measuresSpeed(machines[name]));
  const given = names.filter((name) => machines[name]?.readings === 'shared');
  if (given.length > 0)
    notes.push(
      'The arms of a problem shared what the models had read of a text, in exact passes: their texts are what each would have written alone, and their times are left out.',
    );
  const timed = arms.reduce((sum, one) => sum + one.timed, 0).toLocaleString('en');
  if (untimed.length > 0 && untimed.length < names.length)
    notes.push(
      `Speeds are of the rows that one process measured alone: ${timed} of ${rows.length.toLocaleString('en')}.`,
    );
  else if (given.length > 0)
    notes.push(
      'No speed was measured: `judge bench` with the same --out, alone on the machine and on problems that are not here yet (--from), adds rows that speeds are taken from.',
    );
  else if (untimed.length > 0)
    notes.push(
      'Several processes shared the machine, so these speeds are of a busy one, and ratios are rough. `judge bench` with the same --out, alone on the machine and on problems that are not here yet (--from), adds rows that speeds are then taken from.',
    );
  if (names.some((name) => machines[name]?.dirty === true))
    notes.push('The repository had changes that its commit does not have.');
  return notes;
}

/** Costs that moved while the run went on: of the arm whose rounds say it most. */
function ofCosts(arms: readonly ArmAnalysis[]): readonly string[] {
  const drifts = arms.flatMap((arm) => {
    const { predicted } = arm;
    if (predicted === undefined || !hasDrifted(predicted)) return [];
    return [{ arm, predicted, times: predicted.between.high / predicted.between.low }];
  });
  const [most] = drifts.sort((a, b) => b.times - a.times);
  if (most === undefined) return [];
  const { arm, predicted, times } = most;
  const { low, high } = predicted.between;
  return [
    `Passes did not cost the same all the time: of ${predicted.measurements} measurements the cheapest gives a round of ${nameOf(arm)} ${low.toFixed(2)} ms, the dearest ${high.toFixed(2)} ms, ${times.toFixed(2)} times that. The model of a round takes the mean, and cannot be held against what was measured more closely than this.`,
  ];
}

/** Programs of others that write another text do other work: then speeds are of unlike things. */
function ofPrograms(rows: readonly Row[], arms: readonly ArmAnalysis[]): readonly string[] {
  const plain = new Map(
    rows.filter(({ arm }) => arm === REFERENCE).map((row) => [`${row.problem} ${row.repeat}`, row.hash]),
  );
  return arms.flatMap(({ arm, name }) => {
    if (arm.decode !== 'outside') return [];
    const shared = rows.filter((row) => row.arm === name && plain.has(`${row.problem} ${row.repeat}`));
    const same = shared.filter((row) => plain.get(`${row.problem} ${row.repeat}`) === row.hash);
    return [
      `${name} wrote plain decoding’s text, token for token, ${same.length} times of ${shared.length}.`,
    ];
  });
}
