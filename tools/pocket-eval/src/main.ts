import { parseArgs } from 'node:util';
import { JudgeDecodingError } from '@judge-decoding/core';
import { USUAL_HEAD } from '@judge-decoding/pocket-pair';
import { measureDtypes } from './dtypes.ts';
import { measureByHand } from './hand.ts';
import { makeHeads } from './heads.ts';
import { compareLabelSources } from './label-sources.ts';
import { openPair } from './pair.ts';
import { chooseThreshold, takeChosen } from './threshold.ts';

const HELP = `pocket-eval: heads of the pocket pair; \`judge eval\` measures what they do

  heads      label solutions, extract features, fit heads and controls
  labels     heads from exact, equivalence and likelihood labels, with each domain left out; how cheap labels
             agree with exact ones; ablations, learning curve: labels.md, labels.json and heads in --out
  threshold  gives a head the lowest threshold at which \`judge eval --arms plain,judge:0.9,judge:0.99\` lost no more
             than --most-lost; --out is that folder. With --chosen FILE every head takes what \`pair.py thresholds\` chose
  dtypes     the target in other types of weights against float32, over the draft's own texts: KL divergence, accept
             decisions that change, a threshold for each; --write puts them into the heads
  hand       problems written by hand: what the reader knows, what is right by plain decoding and in judge mode

  --pair FOLDER         holds target/ and draft/
  --heads FOLDER        where heads lie (heads: are written)
  --out FOLDER          labels: where tables and heads go; threshold: what judge eval wrote
  --work FOLDER         heads: where labels and features are kept
  --tokens FILE         heads: solutions sampled elsewhere, instead of sampling training problems here
  --train N --calibration N --held-out N      heads: problems of each domain
  --also-labelled N     labels: problems of each domain labelled by equivalence and likelihood, too (as --train)
  --minutes N           labels: at most so long for each of those ways; what is labelled by then is used (no limit)
  --no-ablations        labels: leave them and the learning curves out
  --step tables         labels: only the tables, of what an earlier run has left in --work
  --dry-run             heads: only say what labelling would cost
  --keep-agreed SHARE   heads: of the correct tokens that the target agrees with (0)
  --harmed SHARE        heads: of any domain's solutions that wrong tokens may get into (0.01)
  --stop SHARE          heads: of the wrong tokens that the threshold must stop, instead
  --fit-on mismatches|all --learning-rate R --epochs N --shuffled N           heads
  --draft-length N      (16)
  --max-tokens N        (850)
  --dtypes TYPE,TYPE --problems N (of each domain) --write    dtypes (int8,int4; 40)
  --chosen FILE         threshold: thresholds.json of the pair's training
  --most-lost SHARE     threshold: of the problems (0.005)
  --file FILE           hand: problems, one JSON object a line
  --threads N --draft-threads N   (1 and 1)
  --jobs N              heads, labels: processes that share the work (1)
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
    minutes: { type: 'string' },
    'no-ablations': { type: 'boolean', default: false },
    calibration: { type: 'string', default: '200' },
    'held-out': { type: 'string', default: '100' },
    'keep-agreed': { type: 'string', default: '0' },
    harmed: { type: 'string', default: '0.01' },
    stop: { type: 'string' },
    chosen: { type: 'string' },
    'most-lost': { type: 'string', default: '0.005' },
    'fit-on': { type: 'string', default: 'mismatches' },
    'learning-rate': { type: 'string', default: '3e-3' },
    epochs: { type: 'string', default: '40' },
    shuffled: { type: 'string', default: '20' },
    'draft-length': { type: 'string', default: '16' },
    'max-tokens': { type: 'string', default: '850' },
    threads: { type: 'string', default: '1' },
    'draft-threads': { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    'dry-run': { type: 'boolean', default: false },
    dtypes: { type: 'string', default: 'int8,int4' },
    problems: { type: 'string', default: '40' },
    write: { type: 'boolean', default: false },
    step: { type: 'string' },
    part: { type: 'string' },
  },
});

function number(name: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value))
    throw new JudgeDecodingError('invalid-option', `Expected --${name} to be a number, got \`${text}\`.`);
  return value;
}

/** What all verbs that run the models have in common. */
const common = () => ({
  folder: values.pair,
  threads: number('threads', values.threads),
  draftThreads: number('draft-threads', values['draft-threads']),
  draftLength: number('draft-length', values['draft-length']),
  maxTokens: number('max-tokens', values['max-tokens']),
  jobs: number('jobs', values.jobs),
  part: values.part === undefined ? undefined : number('part', values.part),
});

async function heads(): Promise<void> {
  const { folder, threads, draftThreads, ...rest } = common();
  const pair = await openPair({ folder, threads, draftThreads });
  try {
    await makeHeads(pair, {
      ...rest,
      work: values.work,
      out: values.heads,
      tokens: values.tokens,
      trainProblems: number('train', values.train),
      calibrationProblems: number('calibration', values.calibration),
      heldOutProblems: number('held-out', values['held-out']),
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
      dryRun: values['dry-run'],
      step: values.step,
    });
  } finally {
    await pair.dispose();
  }
}

async function labels(): Promise<void> {
  const { folder, threads, draftThreads, ...rest } = common();
  const pair = await openPair({ folder, threads, draftThreads });
  try {
    await compareLabelSources(pair, {
      ...rest,
      work: values.work,
      out: values.out,
      trainProblems: number('train', values.train),
      alsoLabelled: number('also-labelled', values['also-labelled'] ?? values.train),
      calibrationProblems: number('calibration', values.calibration),
      heldOutProblems: number('held-out', values['held-out']),
      ablations: !values['no-ablations'],
      minutes: values.minutes === undefined ? undefined : number('minutes', values.minutes),
      step: values.step,
    });
  } finally {
    await pair.dispose();
  }
}

const VERBS: Readonly<Record<string, () => Promise<void>>> = {
  heads,
  labels,
  hand: () =>
    measureByHand({
      ...common(),
      heads: values.heads,
      file: values.file ?? 'tools/pocket-eval/fixtures/development-problems.jsonl',
    }),
  dtypes: () =>
    measureDtypes({
      ...common(),
      work: values.work,
      heads: values.heads,
      dtypes: values.dtypes.split(','),
      problems: number('problems', values.problems),
      write: values.write,
    }),
  threshold: () =>
    values.chosen !== undefined
      ? takeChosen(values.chosen, values.heads)
      : chooseThreshold({
          results: values.out,
          headFile: `${values.heads}/${USUAL_HEAD}.safetensors`,
          mostLost: number('most-lost', values['most-lost']),
        }),
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
