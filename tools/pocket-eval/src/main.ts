import { parseArgs } from 'node:util';
import { JudgeDecodingError } from '@judge-decoding/core';
import { SPLITS, type Split } from '@judge-decoding/tasks';
import { MAIN_ARMS } from './arms.ts';
import { measureDtypes } from './dtypes.ts';
import { measureByHand } from './hand.ts';
import { makeHeads } from './heads.ts';
import { compareLabelSources } from './label-sources.ts';
import { type MeasureOptions, measureLengths, measureQuality, measureSpeed, writeReport } from './measure.ts';
import { openPair } from './pair.ts';
import { chooseThreshold } from './threshold.ts';

const HELP = `pocket-eval: heads and measurements of the pocket pair

  heads      label solutions, extract features, fit heads and controls
  labels     heads from exact, equivalence and likelihood labels, with each domain left out; how cheap labels
             agree with exact ones; ablations, learning curve: labels.md, labels.json and heads in --out
  quality    every arm at every draft length on every problem: accuracy, accepted, equality
  threshold  gives a head the lowest judge@THRESHOLD that quality found to lose no more than --most-lost
  lengths    each arm's best draft length, on a grid of calibration problems
  speed      the speed sample, each arm at its best draft length
  dtypes     the target in other types of weights against float32, over the draft's texts; --write puts the
             thresholds and figures into the heads
  hand       the target on problems written by hand: what the reader knows, what is right
  report     tables and chart from the rows of an --out folder

  --pair FOLDER         holds target/ and draft/
  --heads FOLDER        where heads lie (heads: are written)
  --out FOLDER          where rows and reports go; what is there is continued
  --work FOLDER         heads: where labels and features are kept
  --tokens FILE         heads: solutions sampled elsewhere, instead of sampling training problems here
  --train N --calibration N --held-out N      heads: problems of each domain
  --also-labelled N     labels: problems of each domain labelled by equivalence and likelihood, too (as --train)
  --dry-run             heads: only say what labelling would cost
  --keep-agreed SHARE   heads: of the correct tokens that the target agrees with (0)
  --harmed SHARE        heads: of any domain's solutions that wrong tokens may get into (0.01)
  --stop SHARE          heads: of the wrong tokens that the threshold must stop, instead
  --fit-on mismatches|all --learning-rate R --epochs N --shuffled N           heads
  --split dev|train|calibration|test --from N --problems N (of each domain)
  --arms NAME,NAME      ${MAIN_ARMS.join(',')}; also everything-unguarded, judge:HEAD, judge@THRESHOLD, random, shuffled,
                        logits-only, logits-with-chosen, topk:2, kl:0.3, typical, relaxed, fly, cascade:0.5, floor:0.1
  --draft-lengths N,N   (16)
  --max-tokens N        (850)
  --dtype TYPE          quality: how the target's weights are run (fp32)
  --dtypes TYPE,TYPE    dtypes (int8,int4)
  --most-lost SHARE     threshold: of the problems (0.005)
  --file FILE           hand: problems, one JSON object a line
  --repeats N           lengths, speed (1)
  --threads N --draft-threads N   (1 and 1)
  --jobs N              heads, quality: processes that share the work (1)
  --title TEXT          report
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    pair: { type: 'string', default: 'packages/pocket-pair' },
    heads: { type: 'string', default: 'packages/pocket-pair/heads' },
    out: { type: 'string', default: 'results/pocket' },
    work: { type: 'string', default: '.pocket/heads-work' },
    tokens: { type: 'string' },
    file: { type: 'string' },
    train: { type: 'string', default: '300' },
    'also-labelled': { type: 'string' },
    calibration: { type: 'string', default: '200' },
    'held-out': { type: 'string', default: '100' },
    'keep-agreed': { type: 'string', default: '0' },
    harmed: { type: 'string', default: '0.01' },
    stop: { type: 'string' },
    'most-lost': { type: 'string', default: '0.005' },
    'fit-on': { type: 'string', default: 'mismatches' },
    'learning-rate': { type: 'string', default: '3e-3' },
    epochs: { type: 'string', default: '40' },
    shuffled: { type: 'string', default: '20' },
    split: { type: 'string', default: 'dev' },
    from: { type: 'string', default: '0' },
    problems: { type: 'string', default: '20' },
    arms: { type: 'string', default: MAIN_ARMS.join(',') },
    'draft-lengths': { type: 'string', default: '16' },
    'max-tokens': { type: 'string', default: '850' },
    repeats: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
    'draft-threads': { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    'dry-run': { type: 'boolean', default: false },
    dtype: { type: 'string' },
    dtypes: { type: 'string', default: 'int8,int4' },
    write: { type: 'boolean', default: false },
    step: { type: 'string' },
    part: { type: 'string' },
    title: { type: 'string', default: 'The pocket pair' },
  },
});

function number(name: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value))
    throw new JudgeDecodingError('invalid-option', `Expected --${name} to be a number, got \`${text}\`.`);
  return value;
}

function split(text: string): Split {
  const found = SPLITS.find((one) => one === text);
  if (found === undefined)
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected --split to be one of ${SPLITS.join(', ')}, got \`${text}\`.`,
    );
  return found;
}

const measured = (): MeasureOptions => ({
  folder: values.pair,
  ...(values.dtype === undefined ? {} : { dtype: values.dtype }),
  threads: number('threads', values.threads),
  draftThreads: number('draft-threads', values['draft-threads']),
  heads: values.heads,
  out: values.out,
  split: split(values.split),
  from: number('from', values.from),
  problems: number('problems', values.problems),
  arms: values.arms.split(','),
  draftLengths: values['draft-lengths'].split(',').map((text) => number('draft-lengths', text)),
  maxTokens: number('max-tokens', values['max-tokens']),
  repeats: number('repeats', values.repeats),
  jobs: number('jobs', values.jobs),
  part: values.part === undefined ? undefined : number('part', values.part),
});

async function heads(): Promise<void> {
  const { folder, threads, draftThreads, draftLengths, maxTokens, jobs, part } = measured();
  const pair = await openPair({ folder, threads, draftThreads });
  try {
    await makeHeads(pair, {
      work: values.work,
      out: values.heads,
      tokens: values.tokens,
      trainProblems: number('train', values.train),
      calibrationProblems: number('calibration', values.calibration),
      heldOutProblems: number('held-out', values['held-out']),
      draftLength: draftLengths[0]!,
      keepAgreed: number('keep-agreed', values['keep-agreed']),
      threshold:
        values.stop === undefined
          ? { mostHarmed: number('harmed', values.harmed) }
          : { leastWrongStopped: number('stop', values.stop) },
      shuffledHeads: number('shuffled', values.shuffled),
      fitOn: values['fit-on'] === 'all' ? 'all' : 'mismatches',
      fit: {
        learningRate: number('learning-rate', values['learning-rate']),
        epochs: number('epochs', values.epochs),
      },
      maxTokens,
      dryRun: values['dry-run'],
      jobs,
      step: values.step,
      part,
    });
  } finally {
    await pair.dispose();
  }
}

async function labels(): Promise<void> {
  const { folder, threads, draftThreads, draftLengths, maxTokens, jobs, part, out } = measured();
  const pair = await openPair({ folder, threads, draftThreads });
  try {
    await compareLabelSources(pair, {
      work: values.work,
      out,
      trainProblems: number('train', values.train),
      alsoLabelled: number('also-labelled', values['also-labelled'] ?? values.train),
      calibrationProblems: number('calibration', values.calibration),
      heldOutProblems: number('held-out', values['held-out']),
      draftLength: draftLengths[0]!,
      maxTokens,
      jobs,
      step: values.step,
      part,
    });
  } finally {
    await pair.dispose();
  }
}

const VERBS: Readonly<Record<string, () => Promise<void>>> = {
  heads,
  labels,
  quality: () => measureQuality(measured()),
  dtypes: () =>
    measureDtypes({
      ...measured(),
      work: values.work,
      dtypes: values.dtypes.split(','),
      write: values.write,
    }),
  hand: () =>
    measureByHand({
      ...measured(),
      file: values.file ?? 'tools/pocket-eval/fixtures/development-problems.jsonl',
    }),
  threshold: () =>
    chooseThreshold({
      rows: `${values.out}/quality`,
      headFile: `${values.heads}/pre-norm.safetensors`,
      mostLost: number('most-lost', values['most-lost']),
    }),
  lengths: () => measureLengths(measured()),
  speed: () => measureSpeed(measured()),
  report: () => writeReport(values.out, values.title),
};

const verb = VERBS[positionals[0] ?? ''];
if (verb === undefined || values.help) {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    await verb();
  } catch (error) {
    if (!JudgeDecodingError.is(error)) throw error;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
