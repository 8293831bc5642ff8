import { readFile, writeFile } from 'node:fs/promises';
import {
  type Arm,
  bestDraftLengths,
  type Equality,
  findDivergences,
  openRows,
  readRows,
  report,
  runArms,
} from '@judge-decoding/eval';
import { progressLine } from '@judge-decoding/long-work';
import type { Split } from '@judge-decoding/tasks';
import { armOf, readFitted } from './arms.ts';
import { environment } from './environment.ts';
import { openPair, type Pair, type PairOptions, pocketProblems } from './pair.ts';
import { inProcesses } from './processes.ts';

export interface MeasureOptions extends PairOptions {
  readonly heads: string;
  readonly out: string;
  readonly split: Split;
  readonly from: number;
  /** Of each domain. */
  readonly problems: number;
  readonly arms: readonly string[];
  readonly draftLengths: readonly number[];
  readonly maxTokens: number;
  readonly repeats: number;
  /** Processes that share the problems; 1 for speeds. */
  readonly jobs: number;
  /** Set in the processes that `jobs` starts: which part this is. */
  readonly part: number | undefined;
}

/** Quality: every arm at every draft length on every problem, then the equality of strict with the target. */
export async function measureQuality(options: MeasureOptions): Promise<void> {
  const rows = `${options.out}/quality`;
  if (options.jobs > 1 && options.part === undefined) await inProcesses(options.jobs);
  else await run(options, rows, (arms) => options.draftLengths.flatMap((length) => arms(length)), {});
  if (options.part !== undefined) return;
  await withPair(options, async ({ target, draft, tokenizer }) => {
    const problems = pocketProblems(options.split, options.from, options.problems, tokenizer);
    const all = await readRows(rows);
    const equality: Equality[] = [];
    for (const [arm, reference, model] of [
      ['strict', 'target', target],
      ['everything-unguarded', 'draft', draft],
    ] as const) {
      if (!options.arms.includes(arm) || !options.arms.includes(reference)) continue;
      const found = await findDivergences({ rows: all, problems, model, plainArm: reference, arm });
      equality.push({ arm, reference, ...found });
    }
    await writeFile(`${options.out}/equality.json`, `${JSON.stringify(equality, null, 1)}\n`);
  });
}

/** Every arm's best draft length, on a grid; `lengths.json`. Run it on the calibration split, alone on the machine. */
export async function measureLengths(options: MeasureOptions): Promise<void> {
  const rows = `${options.out}/lengths`;
  await run(options, rows, (arms) => options.draftLengths.flatMap((length) => arms(length)), { warmUps: 1 });
  const best = Object.fromEntries(bestDraftLengths(await readRows(rows)));
  await writeFile(`${options.out}/lengths.json`, `${JSON.stringify(best, null, 1)}\n`);
  process.stdout.write(
    `${Object.entries(best)
      .map(([arm, found]) => `${arm}: ${found.best}`)
      .join('\n')}\n`,
  );
}

/** The speed sample: every arm at its own best draft length (16 where none was measured), alone on the machine. */
export async function measureSpeed(options: MeasureOptions): Promise<void> {
  const best = await readFile(`${options.out}/lengths.json`, 'utf8').then(
    (text) => JSON.parse(text) as Record<string, { readonly best: number }>,
    (): Record<string, { readonly best: number }> => ({}),
  );
  const own = (arms: (length: number) => readonly Arm[]) =>
    options.arms.map((name, i) => arms(best[name]?.best ?? options.draftLengths[0]!)[i]!);
  await run(options, `${options.out}/speed`, own, { warmUps: 3 });
}

/** Tables and chart from the rows alone. */
export async function writeReport(out: string, title: string): Promise<void> {
  const rows = await readRows(`${out}/quality`);
  const speedRows = await readRows(`${out}/speed`).catch(() => []);
  const equality = await readFile(`${out}/equality.json`, 'utf8').then(JSON.parse, () => undefined);
  const notes = [await noteOf(`${out}/quality`, 'Accuracy'), await noteOf(`${out}/speed`, 'Speed')].flat();
  const { markdown, chart, csv } = report({ rows, speedRows, title, notes, equality: equality ?? [] });
  await writeFile(`${out}/report.md`, markdown);
  await writeFile(`${out}/chart.svg`, chart);
  await writeFile(`${out}/summary.csv`, csv);
  process.stdout.write(markdown);
}

async function noteOf(folder: string, what: string): Promise<readonly string[]> {
  const env = await readFile(`${folder}/env.json`, 'utf8').then(JSON.parse, () => undefined);
  const args = await readFile(`${folder}/args.json`, 'utf8').then(JSON.parse, () => undefined);
  if (env === undefined || args === undefined) return [];
  const { cpu, cores, node, commit, dirty } = env as ReturnType<typeof environment>;
  const { split, from, threads, draftThreads, jobs } = args as MeasureOptions;
  return [
    `${what}: problems of the split \`${split}\` from ${from} on; ${cpu}, ${cores} cores, Node ${node}, commit ${commit.slice(0, 12)}${dirty ? ' with changes' : ''}; target on ${threads} threads, draft on ${draftThreads}, processes: ${jobs}.`,
  ];
}

async function run(
  options: MeasureOptions,
  rows: string,
  choose: (arms: (length: number) => readonly Arm[]) => readonly Arm[],
  { warmUps = 0 }: { readonly warmUps?: number },
): Promise<void> {
  const { heads, logits, rate } = await readFitted(options.heads);
  const arms = choose((length) => options.arms.map((name) => armOf(name, length, { rate })));
  // plain decoding has no draft length: once is enough
  const distinct = [...new Map(arms.map((arm) => [JSON.stringify(arm), arm])).values()];
  await withPair(options, async (pair) => {
    const { target, draft, tokenizer } = pair;
    const { part, jobs } = options;
    const all = pocketProblems(options.split, options.from, options.problems, tokenizer);
    const problems = part === undefined ? all : all.filter((_, i) => i % jobs === part);
    const sink = await openRows(rows, String(part ?? 0));
    await describe(options, pair, rows);
    await runArms({
      problems,
      arms: distinct,
      target,
      draft,
      named: { heads, logits },
      sink,
      maxTokens: options.maxTokens,
      repeats: options.repeats,
      warmUps,
      now: () => performance.now(),
      onProgress: progressLine(part === undefined ? 'rows' : `rows, part ${part}`),
    });
  });
}

/** What a stage was run with, and on which machine: beside its rows. */
async function describe(options: MeasureOptions, pair: Pair, folder: string): Promise<void> {
  if ((options.part ?? 0) > 0) return;
  const { part: _, ...args } = options;
  await writeFile(`${folder}/env.json`, `${JSON.stringify(environment(pair), null, 1)}\n`);
  await writeFile(`${folder}/args.json`, `${JSON.stringify(args, null, 1)}\n`);
}

async function withPair(options: PairOptions, work: (pair: Pair) => Promise<void>): Promise<void> {
  const pair = await openPair(options);
  try {
    await work(pair);
  } finally {
    await pair.dispose();
  }
}
