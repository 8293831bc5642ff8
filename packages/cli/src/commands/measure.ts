import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Acceptance, JudgeDecodingError, type Model } from '@judge-decoding/core';
import {
  armKey,
  measuresSpeed,
  type OutsideProgram,
  openResults,
  parseArms,
  RESULT_VERSION,
  type RunModel,
  type RunSettings,
  runArms,
  thisMachine,
} from '@judge-decoding/eval';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import { acceptanceOf, draftLengthFor } from '../measure/acceptance.ts';
import { compareTexts, show, writeExamples } from '../measure/after-run.ts';
import { digestsOfRules } from '../measure/digests.ts';
import { endWithStarter, inProcesses, isOneOfMany, tellStarter } from '../measure/in-processes.ts';
import { checkTaskFlags, type LoadedProblems, loadProblems } from '../measure/load-problems.ts';
import { isSynthetic, openRunPair, type RunPair } from '../measure/open-run-pair.ts';
import { openOutside, outsidePrograms } from '../measure/outside-programs.ts';
import { type Heads, readHeads } from '../measure/read-heads.ts';
import { badFlag } from '../options/flag-value.ts';
import type { RunFlags } from '../options/run-flags.ts';
import { checkBias, samplingOf } from '../options/sampling-flags.ts';
import { checkModelFlags } from '../pair/open-pair.ts';
import { embeddedPair } from '../pocket/embedded-pair.ts';
import { type Paint, paintFor } from '../render/paint.ts';
import { type Progress, progressLine } from '../render/progress.ts';
import { quoted } from '../render/shell-command.ts';
import { writeWrapped } from '../render/wrap.ts';
import { notices } from '../run/notices.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';

/** What sets `judge bench` and `judge eval` apart. */
export interface Purpose {
  readonly command: 'bench' | 'eval';
  readonly problems: number;
  readonly repeats: number;
  readonly warmUps: number;
}

export const BENCH: Purpose = { command: 'bench', problems: 12, repeats: 3, warmUps: 3 };
export const EVAL: Purpose = { command: 'eval', problems: 300, repeats: 1, warmUps: 0 };

/** Made-up texts say nothing, and one takes as long as another: with fewer of them 70B is measured in about a minute. */
const MADE_UP = { problems: 3, repeats: 3, warmUps: 1 };
const MADE_UP_MAX_TOKENS = 200;

const MAX_TOKENS = 420;
/** The pocket world's longest answers, with room for corrections. */
const POCKET_MAX_TOKENS = 850;

/** Runs every arm on every problem, keeps the rows, and reports. */
export async function measureCommand(
  flags: RunFlags,
  given: Purpose,
  world: World,
  argv: readonly string[],
): Promise<number> {
  const { terminal } = world;
  const purpose = isMadeUp(flags) ? { ...given, ...MADE_UP } : given;
  endWithStarter();
  const paint = paintFor(terminal.err, terminal.env, flags);
  const progress = progressLine(terminal, paint);
  checkSharing(flags, purpose);
  checkTaskFlags(flags);
  checkModelFlags(flags, world.backends);
  if (purpose.command === 'eval' && flags.out === undefined)
    throw badFlag(
      '--out',
      'the result folder',
      '',
      'A stopped run goes on in it, and `judge report` rebuilds its page.',
    );
  const acceptance = await acceptanceOf(flags.syntheticAcceptance);
  const processes = processesOf(flags);
  const embedded =
    flags.target === undefined && flags.synthetic === undefined
      ? await embeddedPair(terminal.env)
      : undefined;
  const heads = await readHeads(flags.head, embedded?.head);
  const outside = await outsidePrograms(flags);
  const arms = armsOf(flags, heads, acceptance, outside, world);
  const left = timeLeft(() => terminal.now());
  if (processes > 1)
    await interruptible(terminal, (signal) =>
      inProcesses(processes, argv, world, {
        signal,
        onProgress: (done, total) =>
          progress.show(
            `${done} of ${total} rows in ${processes} processes${left(done, total)}`,
            done,
            total,
          ),
      }),
    ).finally(() => progress.clear());
  const folder = flags.out ?? (await mkdtemp(join(tmpdir(), 'judge-bench-')));
  const pair = await interruptible(terminal, (signal) =>
    openRunPair(flags.shareReadings ? { ...flags, exact: true } : flags, world, {
      heads: Object.values(heads.byName),
      exactDraft: flags.shareReadings,
      signal,
      onNotice: (text) => notices(terminal, paint).say(text),
      onProgress: (what, done, total) => progress.show(what, done, total),
    }),
  ).finally(() => progress.clear());
  try {
    checkDraft(pair, arms);
    const loaded = await loadProblems(flags, pair, flags.problems ?? purpose.problems);
    checkRoom(pair, loaded);
    if (loaded.sandbox?.mechanism === 'none')
      notices(terminal, paint).say('Model-written programs are run as they are: nothing keeps them in.');
    await interruptible(terminal, (signal) =>
      run({
        flags,
        purpose,
        world,
        argv,
        folder,
        pair,
        loaded,
        heads,
        arms,
        outside,
        progress,
        paint,
        signal,
      }),
    ).finally(() => progress.clear());
    if (isOneOfMany()) return EXIT.ok;
    if (flags.shard === undefined) {
      await writeExamples(folder, pair, loaded);
      await interruptible(terminal, (signal) => compareTexts(folder, pair, loaded, signal));
    }
    return await show(folder, flags, world, acceptance);
  } catch (error) {
    if (JudgeDecodingError.is(error, 'aborted') && flags.out !== undefined)
      writeWrapped(terminal.err, `What was finished is in ${folder}: the same command goes on from there.`);
    throw error;
  } finally {
    progress.clear();
    await pair.dispose();
    if (flags.out === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** What was read for others takes no time: such rows say how often a rule is right, and never how fast. */
function checkSharing(
  { shareReadings, temperature = 0, anchors, exact }: RunFlags,
  { command }: Purpose,
): void {
  if (!shareReadings) return;
  const refuse = (expected: string, got: string) => badFlag('--share-readings', expected, got);
  if (command === 'bench') throw refuse('left out where speeds are measured: `judge eval` has it', 'it');
  if (temperature > 0) throw refuse('used with greedy decoding', `--temperature ${temperature}`);
  if (exact === false) throw refuse('used with exact passes', '--no-exact');
  if (anchors !== undefined)
    throw refuse('used without programs of others, which share nothing', '--anchors');
}

/** Several processes need a folder in which their rows meet, and the parts are theirs. */
function processesOf({ processes = 1, shard, out }: RunFlags): number {
  if (processes === 1) return 1;
  if (shard !== undefined)
    throw badFlag('--processes', 'without --shard: it makes the parts itself', String(processes));
  if (out === undefined)
    throw badFlag('--processes', 'with --out, where the rows of all meet', String(processes));
  return processes;
}

interface Work {
  readonly flags: RunFlags;
  readonly purpose: Purpose;
  readonly world: World;
  readonly argv: readonly string[];
  readonly folder: string;
  readonly pair: RunPair;
  readonly loaded: LoadedProblems;
  readonly heads: Heads;
  readonly arms: ReturnType<typeof parseArms>;
  readonly outside: readonly OutsideProgram[];
  readonly progress: Progress;
  readonly paint: Paint;
  readonly signal: AbortSignal;
}

async function run(work: Work): Promise<void> {
  const { flags, purpose, world, folder, pair, loaded, heads, arms, progress, signal, paint } = work;
  const now = () => world.terminal.now();
  const { tokenizer } = pair;
  const sampling = samplingOf(flags);
  checkBias(sampling, pair.target.info.vocabSize);
  const { shareReadings = false } = flags;
  const processes = Math.max(flags.shard?.of ?? 1, flags.processes ?? 1);
  const machine = thisMachine(pair.device, { processes, shareReadings });
  const alone = measuresSpeed(machine);
  const repeats = flags.repeats ?? purpose.repeats;
  const warmUps = flags.warmUps ?? purpose.warmUps;
  const others = await openOutside(work);
  const settings: RunSettings = {
    version: RESULT_VERSION,
    fixed: {
      task: loaded.task,
      split: loaded.split,
      shots: loaded.shots,
      target: modelOf(pair.target),
      draft: typeof pair.draft === 'string' ? pair.draft : modelOf(pair.draft),
      backend: pair.backend,
      maxTokens: flags.maxTokens ?? mostTokens(flags, loaded),
      sampling,
      seed: flags.seed ?? 0,
      margin: flags.margin === undefined ? null : flags.margin / 100,
      heads: heads.digests,
      rules: await digestsOfRules(arms, world.rulesFrom),
      sandbox: loaded.sandbox?.mechanism ?? null,
    },
    arms,
    runs: [
      {
        arms: arms.map(armKey),
        from: flags.from ?? 0,
        problems: loaded.problems.length,
        repeats,
        warmUps,
      },
    ],
    costs: {},
    programs: Object.fromEntries(Object.entries(others.byName).map(([name, { facts }]) => [name, facts])),
    commands: [`judge ${work.argv.map(quoted).join(' ')}   # judge ${version()}`],
  };
  const open = await openResults({
    folder,
    settings,
    machine,
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
  }).catch(async (error) => {
    await others.dispose();
    throw error;
  });
  for (const sentence of open.broken) notices(world.terminal, paint).say(sentence);
  try {
    const { shard } = flags;
    const left = timeLeft(now);
    await runArms({
      problems:
        shard === undefined
          ? loaded.problems
          : loaded.problems.filter((_, index) => index % shard.of === shard.part),
      arms,
      target: pair.target,
      draft: pair.draft,
      named: { heads: heads.byName, rules: world.rules },
      outside: others.byName,
      sink: open.sink,
      maxTokens: settings.fixed.maxTokens,
      sampling: settings.fixed.sampling,
      seed: settings.fixed.seed,
      ...(tokenizer === undefined
        ? {}
        : {
            bytesOf: (id) => tokenizer.bytesOf(id),
            textOf: (tokens) => tokenizer.decode(tokens.filter((id) => !tokenizer.endTokens.includes(id))),
          }),
      allowOtherWeights: flags.allowOtherWeights,
      repeats,
      warmUps,
      shareReadings,
      now,
      signal,
      ...(alone ? { onCosts: open.addCosts } : {}),
      onProgress: ({ done, total, measured }) => {
        const what =
          measured === undefined
            ? left(done, total)
            : `, measuring what passes cost here, ${Math.round(100 * measured)} %`;
        progress.show(`${done} of ${total} rows${what}`, done, total);
        tellStarter({ done, total });
      },
    });
  } finally {
    await others.dispose();
    await open.close();
  }
}

/** ", about 4 min left", from how long what was done since the first call took. */
function timeLeft(now: () => number): (done: number, total: number) => string {
  let start: { readonly at: number; readonly done: number } | undefined;
  return (done, total) => {
    start ??= { at: now(), done };
    if (done <= start.done) return '';
    const pace = (now() - start.at) / (done - start.done);
    return `, about ${sayDuration(pace * (total - done))} left`;
  };
}

const sayDuration = (milliseconds: number): string =>
  milliseconds < 120_000 ? `${Math.ceil(milliseconds / 1000)} s` : `${Math.ceil(milliseconds / 60_000)} min`;

function mostTokens(flags: RunFlags, { task }: LoadedProblems): number {
  if (isMadeUp(flags)) return MADE_UP_MAX_TOKENS;
  return task === 'pocket' ? POCKET_MAX_TOKENS : MAX_TOKENS;
}

const modelOf = ({ info }: Model): RunModel => ({
  name: info.name,
  dtype: info.dtype,
  exact: info.exact === true,
  weights: info.fingerprint.weights,
});

const isMadeUp = ({ synthetic, target }: RunFlags): boolean => synthetic !== undefined || isSynthetic(target);

function armsOf(
  flags: RunFlags,
  heads: Heads,
  acceptance: Acceptance | undefined,
  outside: readonly OutsideProgram[],
  { rules }: World,
): ReturnType<typeof parseArms> {
  const usual = isMadeUp(flags) ? 'plain' : 'headline';
  const programs = outside.map(({ name }) => name);
  const list = [
    flags.arms ?? [usual, ...programs].join(','),
    ...(acceptance === undefined ? [] : ['synthetic']),
  ].join(',');
  return parseArms(list, {
    draftLength: draftLengthFor(acceptance),
    ...(flags.draftLengths === undefined ? {} : { draftLengths: flags.draftLengths }),
    rules,
    heads: Object.keys(heads.byName),
    outside: programs,
    acceptance,
  });
}

/** Arms that draft need something that does. */
function checkDraft({ draft, target }: RunPair, arms: ReturnType<typeof parseArms>): void {
  if (draft !== 'none') {
    const alone = arms.find((arm) => arm.decode === 'plain' && arm.model === 'draft');
    if (draft === 'ngram' && alone !== undefined)
      throw badFlag('--arms', 'without the arm draft where the draft is a lookup', 'draft');
    return;
  }
  const asking = arms.find((arm) =>
    arm.decode === 'plain'
      ? arm.model === 'draft'
      : arm.decode === 'speculative' && arm.verify.rule !== 'synthetic',
  );
  if (asking === undefined) return;
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected a draft for the arm \`${asking.name}\`, ${target.info.name} has none: add --draft MODEL or --draft ngram, or choose --arms plain.`,
  );
}

/** Told before the first row, of all problems at once. */
function checkRoom({ target }: RunPair, { problems, task, shots }: LoadedProblems): void {
  const { contextLength, name } = target.info;
  const long = problems.filter(({ prompt }) => prompt.length >= contextLength);
  const [first] = long;
  if (first === undefined) return;
  const fewer = shots === null || shots === 0 ? '' : ', ask with fewer examples (--shots)';
  throw new JudgeDecodingError(
    'context-full',
    `Expected prompts of fewer than ${contextLength} tokens, the context of ${name}; ${long.length} of ${problems.length} of ${task} are longer, ${first.id} has ${first.prompt.length}. Open the model with a longer one (--context)${fewer}, or choose another model.`,
  );
}
