import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { duration } from '@judge-decoding/long-work';
import { makeFolder } from '@judge-decoding/onnx/cache';
import {
  estimateLabels,
  FEW_TOKENS,
  type Progress,
  selfAgreement,
  type TrainReport,
  writeTrainReport,
} from '@judge-decoding/train';
import { EXIT } from '../exit-code.ts';
import { interruptible } from '../interrupt.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { LabelWay, TrainFlags } from '../options/train-flags.ts';
import { openPair, type Pair } from '../pair/open-pair.ts';
import { factLines } from '../render/fact-lines.ts';
import { headTable } from '../render/head-table.ts';
import { paintFor } from '../render/paint.ts';
import { progressLine } from '../render/progress.ts';
import { commandLines, flagOf } from '../render/shell-command.ts';
import { writeWrapped } from '../render/wrap.ts';
import { notices } from '../run/notices.ts';
import { widthOf } from '../terminal.ts';
import { checkLayers, checkTrainFlags } from '../train/check-flags.ts';
import { labelSource, labelWay, requireGradable } from '../train/label-source.ts';
import { fitOr } from '../train/lacking-labels.ts';
import { PHASES } from '../train/phases.ts';
import {
  draftOf,
  makeFeatures,
  makeHeads,
  makeLabels,
  problemsFor,
  sayThreshold,
  type Watched,
} from '../train/train-steps.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';

/** How far `judge train run` goes: its parts are commands of their own. */
export type Until = 'labels' | 'features' | 'heads';

/** Labels, features, heads, card and report; each step goes on where an earlier run stopped. */
export async function trainRunCommand(
  flags: TrainFlags,
  world: World,
  until: Until = 'heads',
): Promise<number> {
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, flags);
  const work = flags.work ?? join(flags.out, 'work');
  // what can be said before anything is opened
  checkTrainFlags(flags);
  if (flags.dryRun !== true) await claimFolder(work);
  if (until === 'heads' && flags.dryRun !== true) await claimFolder(flags.out);
  return withPair(flags, world, async (pair, watch) => {
    const start = terminal.now();
    checkLayers(flags, pair.target.model, typeof pair.draft !== 'string');
    if (flags.dryRun) return dryRun(flags, pair, watch, world);
    const { data, way, said, asked, notes: left } = await makeLabels(flags, work, pair, watch);
    const counted = data.solutions.reduce(
      (sum, { labels, swaps = [] }) => ({
        tokens: sum.tokens + labels.replace(/[-d]/g, '').length + swaps.length,
        wrong:
          sum.wrong + labels.replace(/[^w]/g, '').length + swaps.filter(({ correct }) => !correct).length,
      }),
      { tokens: 0, wrong: 0 },
    );
    const labelled = `${way}, ${data.solutions.length} answers, ${counted.tokens} tokens, ${counted.wrong} of them wrong${sayAgreement(data.solutions)}`;
    writeWrapped(terminal.err, `labels: ${labelled}`);
    for (const note of left) notices(terminal, paint).say(note);
    if (way === 'likelihood' && counted.wrong > counted.tokens / 2)
      notices(terminal, paint).say(
        `Most of these tokens are called wrong: what a token may lose (--most-loss) differs from model to model. Label some of the questions by equivalence (--label equivalence --walk independent) into another folder and name its labels: --like FOLDER/work/labels.`,
      );
    if (until === 'labels') return EXIT.ok;
    const features = await makeFeatures(flags, work, pair, data, way, watch);
    writeWrapped(
      terminal.err,
      `features: ${features.columns.token.length} rows of ${Object.keys(features.states).join(', ')}`,
    );
    if (until === 'features') return EXIT.ok;
    const facts = factsOf(flags, pair, labelled, said, data.fingerprint, way);
    const made = await fitOr(makeHeads(flags, work, features, pair.target, facts, watch), () =>
      moreLabels(flags, way, work),
    );
    const report: TrainReport = {
      title: `Judge heads for ${pair.target.model.info.name}`,
      facts,
      ...made,
      notes: [...notesOf(flags, way), ...made.notes],
    };
    const paths = await writeTrainReport(report, flags.out);
    for (const path of paths) terminal.out.write(`${path}\n`);
    terminal.err.write('\n');
    for (const line of headTable(made.fit.heads, paint, widthOf(terminal.err)))
      terminal.err.write(`${line}\n`);
    for (const note of made.notes) writeWrapped(terminal.err, note.replaceAll('`', ''));
    const wrong = Math.min(...made.fit.heads.map(({ figures }) => figures.mismatches.wrong));
    if (wrong < FEW_TOKENS) writeWrapped(terminal.err, moreLabels(flags, way, work, { asked, wrong }));
    writeWrapped(
      terminal.err,
      paint.dim(`done in ${duration(terminal.now() - start)}; see what it costs and buys:`),
    );
    const models = `${flagOf('--target', flags.target)}${flagOf('--draft', flags.draft)}`;
    const kept = `${flagOf('--head', paths[0])}${flagOf('--out', join(flags.out, 'eval'))}`;
    const next = `judge eval --arms plain,strict,judge${models}${kept}`;
    for (const text of commandLines(next, widthOf(terminal.err) - 2)) terminal.err.write(`  ${text}\n`);
    return EXIT.ok;
  });
}

/** How to come by more labels without losing those that are there, and how many, where it can be told from those. */
function moreLabels(
  { soFar, count }: TrainFlags,
  way: LabelWay,
  work: string,
  found?: { readonly asked: number; readonly wrong: number },
): string {
  if (way === 'people') return 'Mark more answers (judge annotate), and run the same command again.';
  if (soFar) return 'The same command without --so-far goes on with the labelling where it stopped.';
  const enough = found && Math.ceil((found.asked * FEW_TOKENS * 1.2) / Math.max(1, found.wrong) / 10) * 10;
  const larger = enough === undefined ? 'a larger --count' : `--count ${enough}, say`;
  const again =
    way === 'exact' || count !== undefined
      ? `run the same command with ${larger}`
      : 'put further questions at the end of the file and run the same command';
  return `For more, ${again}: what is labelled stays in ${work}, and is gone on with.`;
}

/** How far labels can be trusted that several continuations have voted on. */
function sayAgreement(solutions: Parameters<typeof selfAgreement>[0]): string {
  const { share, mismatches } = selfAgreement(solutions);
  if (Number.isNaN(share)) return '';
  return `; two continuations of one mismatch say the same in ${(100 * share).toFixed(1)} % (${mismatches} mismatches)`;
}

/** Opens the pair, shows progress, and says where a stopped run goes on. */
export async function withPair(
  flags: ModelFlags & { readonly color: boolean },
  world: World,
  work: (pair: Pair, watch: Watched) => Promise<number>,
): Promise<number> {
  const { terminal } = world;
  const progress = progressLine(terminal, paintFor(terminal.err, terminal.env, flags));
  return interruptible(terminal, async (signal) => {
    const pair = await openPair(flags, world, {
      onProgress: (what, done, total) => progress.show(what, done, total),
      signal,
    }).finally(() => progress.clear());
    try {
      const onProgress = ({ phase, done, total }: Progress) => {
        progress.show(PHASES[phase], done, total);
        if (done === total) progress.clear();
      };
      return await work(pair, { signal, onProgress });
    } catch (error) {
      progress.clear();
      if (JudgeDecodingError.is(error, 'aborted'))
        writeWrapped(terminal.err, 'What was finished is kept: the same command goes on from there.');
      throw error;
    } finally {
      progress.clear();
      await pair.dispose();
    }
  });
}

async function dryRun(
  flags: TrainFlags,
  pair: Pair,
  { signal }: Watched,
  { terminal }: World,
): Promise<number> {
  const way = labelWay(flags);
  if (way === 'people') {
    writeWrapped(terminal.out, 'Labels of people cost no computing: nothing to estimate.');
    return EXIT.ok;
  }
  const problems = await problemsFor(flags, pair);
  requireGradable(problems, way);
  const source = labelSource(flags, way, { target: pair.target, draft: draftOf(pair) }, problems);
  const estimate = await estimateLabels(
    { problems: problems.problems, source, signal },
    { now: terminal.now },
  );
  const { hiddenSize } = pair.target.model.info;
  const perToken = 2 * 4 * hiddenSize;
  const facts: readonly (readonly [string, string])[] = [
    ['labels by', way],
    ['problems', `${problems.problems.length}, of which ${estimate.triedProblems} were tried`],
    ['answers', `about ${estimate.solutions}`],
    ['labelled tokens', `about ${estimate.labels}`],
    ['labelling', `about ${duration(estimate.milliseconds)}`],
    [
      'on the disk',
      `about ${Math.ceil(estimate.bytes / 1e6)} MB of labels and ${Math.ceil((estimate.labels * perToken) / 1e6)} MB of features`,
    ],
  ];
  terminal.out.write(
    `${factLines(facts, paintFor(terminal.out, terminal.env, flags), widthOf(terminal.out)).join('\n')}\n`,
  );
  return EXIT.ok;
}

function factsOf(
  flags: TrainFlags,
  { target, draft, backend }: Pair,
  labelled: string,
  said: string,
  fingerprint: string,
  way: string,
): TrainReport['facts'] {
  const { info } = target.model;
  return [
    [
      'target',
      `${info.name} (${info.dtype} on ${info.device}), weights ${info.fingerprint.weights.slice(0, 12)}`,
    ],
    [
      'draft',
      typeof draft === 'string'
        ? draft
        : `${draft.model.info.name} (${draft.model.info.dtype}), weights ${draft.model.info.fingerprint.weights.slice(0, 12)}`,
    ],
    ['backend', backend],
    ['labels', labelled],
    ['from', said],
    ['data', fingerprint.slice(0, 12)],
    ['after a mistake', flags.afterMistake ?? 'mask'],
    [
      'recipe',
      `${flags.recipe ?? 'logistic'}, fitted on ${flags.fitOn ?? 'mismatches'}, seed ${flags.seed ?? 0}`,
    ],
    ['threshold', sayThreshold(flags)],
    ['measured on', way === 'exact' ? 'what the draft writes greedily' : 'the same kind of answers'],
    ['draft length', String(flags.draftLength ?? 16)],
    ['made by', `judge ${version()}`],
  ];
}

const notesOf = ({ keepAgreed = 0.1 }: TrainFlags, way: string): readonly string[] => [
  ...(way === 'exact' || way === 'people'
    ? keepAgreed === 1
      ? []
      : [
          `Of the correct tokens that the target would have written itself only ${100 * keepAgreed} % were kept, so figures over all tokens are of those.`,
        ]
    : [
        'Labels are of mismatches alone: figures over all tokens say the same as those where standard verification rejects.',
      ]),
  ...(way === 'equivalence'
    ? [
        'A token that this labelling calls correct may be wrong and mended later in the text, or not reach the answer.',
      ]
    : []),
];

/** Sees that files can be written before hours of work, not after them. */
export async function claimFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new JudgeDecodingError(
      'io',
      `Expected to write into ${folder}, got: ${(cause as Error).message}. Choose another folder with --out.`,
      { cause },
    );
  }
}
