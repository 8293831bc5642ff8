import { readFile } from 'node:fs/promises';
import { meanAcceptedLength, merge, NO_STATS } from '@judge-decoding/core';
import { type Equality, pairedAccuracy, type Row, readRows, wilson } from '@judge-decoding/eval';
import { ALL_ARMS } from './arms.ts';
import { type Described, described } from './settings.ts';
import { TRIAL } from './trial.ts';

/** The tables in Markdown, from what `run` left in a folder; the same files give the same report. */
export async function reportOf(folder: string): Promise<string> {
  const rows = await readRows(folder);
  const run = await described(folder);
  const text = await readFile(`${folder}/equality.json`, 'utf8').catch(() => '[]');
  const equality: readonly Equality[] = JSON.parse(text);
  const parts = [run === undefined ? [] : settingsOf(run), rulesTable(rows), equality.map(equalityOf)];
  return `${parts.flat().join('\n\n')}\n`;
}

function settingsOf({ settings, runs }: Described): readonly string[] {
  const { target, draft, targetDtype, draftDtype, exact, draftLength, maxTokens } = settings;
  const commits = [...new Set(runs.map(({ commit }) => commit.slice(0, 12)))];
  const machines = [...new Set(runs.map(({ cpu, cores, node }) => `${cpu}, ${cores} cores, Node ${node}`))];
  return [
    `Target ${target} (run as ${targetDtype}), draft ${draft} (${draftDtype}), passes ${exact ? '' : 'not '}exact, draft length ${draftLength}, at most ${maxTokens} tokens. ${machines.join('; ')}; commit ${commits.join(', ')}.`,
  ];
}

const HEAD = [
  'arm',
  'questions',
  'accepted a round',
  'committed a round',
  'right',
  '95 % interval',
  'lost, won against plain',
  "the target's text",
  'cut at the limit',
  'trial: accepted',
  'trial: right',
];

function rulesTable(rows: readonly Row[]): string {
  const plain = new Map(rows.filter(({ arm }) => arm === 'target').map((row) => [row.problem, row]));
  const place = (arm: string) => {
    const found = (ALL_ARMS as readonly string[]).indexOf(arm);
    return found < 0 ? ALL_ARMS.length : found;
  };
  const arms = [...new Set(rows.map(({ arm }) => arm))].sort((a, b) => place(a) - place(b));
  const lines = arms.map((arm) => {
    const own = rows.filter((row) => row.arm === arm);
    const { accepted, committed } = meanAcceptedLength(
      own.reduce((sum, row) => merge(sum, row.stats), NO_STATS),
    );
    const right = own.filter(({ correct }) => correct).length;
    const { low, high } = wilson(right, own.length);
    const shared = own.filter(({ problem }) => plain.has(problem));
    const { lost, won } = pairedAccuracy(
      shared.map((row) => ({
        arm: row.correct === true,
        reference: plain.get(row.problem)!.correct === true,
      })),
      { resamples: 1 },
    );
    const same = shared.filter(({ hash, problem }) => plain.get(problem)!.hash === hash).length;
    const cut = own.filter(({ finish }) => finish !== 'end').length;
    const isPlain = own.every(({ draftLength }) => draftLength === 0);
    const trial = TRIAL[arm];
    return [
      `\`${arm}\``,
      String(own.length),
      isPlain ? '' : accepted.toFixed(2),
      isPlain ? '' : committed.toFixed(2),
      String(right),
      `${percent(low)} to ${percent(high)}`,
      arm === 'target' ? '' : `${lost}, ${won}`,
      arm === 'target' ? '' : `${same} of ${shared.length}`,
      String(cut),
      trial?.accepted?.toFixed(2) ?? '',
      trial === undefined ? '' : percent(trial.right),
    ];
  });
  const table = [HEAD, HEAD.map((_, at) => (at === 0 ? '---' : '---:')), ...lines];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function equalityOf({ arm, reference, compared, divergences }: Equality): string {
  const excused = divergences.filter((each) => each.excused).length;
  const counts = `\`${arm}\` wrote the ${reference}'s own text on ${compared - divergences.length} of ${compared} questions, ${excused} near ties excused, ${divergences.length - excused} not.`;
  const positions = divergences.map(
    (each) =>
      `- ${each.problem}, token ${each.position}: ${each.got} instead of ${each.expected}, gap ${each.gap.toPrecision(2)} of a deviation (${each.excused ? 'excused' : 'not excused'} under ${each.allowed})`,
  );
  return [counts, ...positions].join('\n');
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
