import { constants } from 'node:fs';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AbortSignalLike, JudgeDecodingError, writeHead } from '@judge-decoding/core';
import { duration } from '@judge-decoding/long-work';
import { makeFolder } from '@judge-decoding/onnx/cache';
import { DOMAINS, pocketProblem, type Split } from '@judge-decoding/tasks';
import {
  AS_JUDGED,
  extractFeatures,
  type FeatureSet,
  fitHeads,
  HEAD_SHAPES,
  labelSolutions,
  type Progress,
  readFeatures,
  readSolutions,
  SOURCES,
  type SolutionSource,
} from '@judge-decoding/train';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import { openPair, type Pair } from '../pair/open-pair.ts';
import { fewWrong, fitReportLines, moreProblems } from '../render/fit-report.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { commandLines, flagOf } from '../render/shell-command.ts';
import { writeWrapped } from '../render/wrap.ts';
import { notices } from '../run/notices.ts';
import { widthOf } from '../terminal.ts';
import { fitOr } from '../train/lacking-labels.ts';
import { PHASES } from '../train/phases.ts';
import type { World } from '../world.ts';

export interface TrainFitFlags extends ModelFlags {
  readonly out: string;
  readonly work?: string;
  readonly problems?: number;
  readonly seed?: number;
  readonly color: boolean;
}

/** Minutes on a laptop, and already a useful head. */
const PROBLEMS = 150;
/** Of the tokens where the target agrees anyway; all others are kept. */
const KEEP_AGREED = 0.1;

/** Labels, features, fit: from problems of the pocket world to head files. */
export async function trainFitCommand(flags: TrainFitFlags, world: World): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const progress = progressLine(terminal, paint);
  const start = terminal.now();
  await claimFolder(flags.out);
  const pair = await interruptible(terminal, (signal) =>
    openPair(flags, world, {
      onProgress: (what, done, total) => progress.show(what, done, total),
      signal,
    }),
  ).finally(() => progress.clear());
  // a folder that the caller names is kept, so that a stopped run goes on where it was
  const work = flags.work ?? (await mkdtemp(join(tmpdir(), 'judge-train-')));
  try {
    const report = await interruptible(terminal, (signal) =>
      fitIn(work, pair, flags, signal, ({ phase, done, total }) => progress.show(PHASES[phase], done, total)),
    ).finally(() => progress.clear());
    for (const { name, head } of report.heads) {
      const path = join(flags.out, `${name}.safetensors`);
      await writeFile(path, writeHead(head));
      terminal.out.write(`${path}\n`);
    }
    const line = (text: string) => terminal.err.write(`${text}\n`);
    line('');
    for (const text of fitReportLines(report, paint, widthOf(terminal.err))) line(text);
    const few = fewWrong(report, flags.problems ?? PROBLEMS);
    if (few !== undefined) notices(terminal, paint).say(few);
    const [head] = report.heads;
    writeWrapped(terminal.err, paint.dim(`done in ${duration(terminal.now() - start)}; see how it does:`));
    const path = join(flags.out, `${head?.name}.safetensors`);
    const models = `${flagOf('--target', flags.target)}${flagOf('--draft', flags.draft)}`;
    const next = `judge problems --count 10 --solve${models}${flagOf('--head', path)}`;
    for (const text of commandLines(next, widthOf(terminal.err) - 2)) line(`  ${text}`);
    return EXIT.ok;
  } catch (error) {
    if (JudgeDecodingError.is(error, 'aborted') && flags.work !== undefined) {
      writeWrapped(terminal.err, `What was finished is in ${work}: the same command goes on from there.`);
    }
    throw error;
  } finally {
    if (flags.work === undefined) await rm(work, { recursive: true, force: true });
    await pair.dispose();
  }
}

/** Sees that heads can be written before minutes of fitting, not after them. */
async function claimFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new JudgeDecodingError(
      'io',
      `Expected to write heads into ${folder}, got: ${(cause as Error).message}. Choose another folder with --out.`,
      { cause },
    );
  }
}

/** Without wrong tokens there is nothing to learn: few problems, or a draft that makes no mistakes. */
function requireWrong(which: string, { columns }: FeatureSet, problems: number): void {
  const { correct, token, argmax } = columns;
  if (correct.some((label, row) => label === 0 && token[row] !== argmax[row])) return;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected wrong tokens where standard verification rejects, found none in the texts of ${problems} ${which} problems. ${moreProblems(problems, 1)}`,
  );
}

async function fitIn(
  work: string,
  pair: Pair,
  { problems = PROBLEMS, seed = 0 }: TrainFitFlags,
  signal: AbortSignalLike,
  onProgress: (progress: Progress) => void,
): ReturnType<typeof fitHeads> {
  const { target, draft } = pair;
  if (typeof draft === 'string') {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected a draft model for \`judge train fit\`, got ${draft}: solutions are sampled from draft and target. Name one with --draft.`,
    );
  }
  const watch = { signal, onProgress };
  const featuresOf = async (split: Split, count: number, sources: readonly SolutionSource[]) => {
    const drawn = Array.from({ length: count }, (_, index) =>
      pocketProblem(
        { domain: DOMAINS[index % DOMAINS.length]!, split, index: Math.floor(index / DOMAINS.length) },
        target.tokenizer,
      ),
    );
    const labels = join(work, `${split}-labels`);
    const folder = join(work, `${split}-features`);
    await labelSolutions({
      ...watch,
      problems: drawn,
      target: target.model,
      draft: draft.model,
      folder: labels,
      sources,
      seed,
    });
    const data = await readSolutions(labels);
    await extractFeatures({ ...watch, data, target: target.model, folder, keepAgreed: KEEP_AGREED, seed });
    return readFeatures(folder);
  };
  const train = await featuresOf('train', problems, SOURCES);
  // one text for each of them, and in it one wrong token at most: as many problems again
  const calibration = await featuresOf('calibration', problems, AS_JUDGED);
  requireWrong('training', train, problems);
  requireWrong('calibration', calibration, problems);
  const heads = fitHeads({
    ...watch,
    train,
    calibration,
    model: target.model.info,
    shapes: HEAD_SHAPES,
    fit: { seed },
  });
  return fitOr(heads, () => moreProblems(problems, 1));
}
