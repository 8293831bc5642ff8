/**
 * Plain decoding on the CPU backend against node-llama-cpp, on the same GGUF files with the same token
 * ids: tokens a second, prefill, second start, peak memory. `JUDGE_MODELS=folder npx tsx
 * src/against-node-llama-cpp.ts [--models a.gguf,b.gguf] [--rounds 5] [--prompt-rounds 5] [--threads 2]
 * [--steps 64] [--prompt 1500] [--context 2048] [--texts true] [--save rounds.json] [--from rounds.json]`
 *
 * The long prompt takes most of the time: `--prompt-rounds` says how many of the rounds read it.
 * Each runtime runs in a fresh process, in turn, so that what else the machine does falls on both.
 * Before the first round each runs once, uncounted: then our graph is cached, and the files of both
 * are in the operating system's memory. Markdown goes to stdout, progress to stderr. `--save` keeps
 * all measures, and `--from` prints them again without running anything. `JUDGE_CACHE` says where
 * graphs stay; without it they go with the temporary folder.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { type Checkpoint, openCheckpoint } from '@judge-decoding/checkpoint';
import { describeMachine } from './interleave.ts';
import { ownProcess } from './own-process.ts';
import { type Comparison, comparisonTable, type TextPair } from './rival-table.ts';
import type { Measures, Work } from './runtime-measures.ts';
import { flag, inFolder } from './workspace.ts';

const MODELS = 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf,qwen2.5-coder-0.5b-instruct-q4_k_m.gguf';
const QUESTION = 'Write a long story about a lighthouse keeper who finds a map in a bottle.';
/** Some thousand tokens that stay as they are, and that a model can go on with. */
const LONG_TEXT = new URL('../../../LICENSE', import.meta.url);
const RIVAL = new URL('../anchors/node_modules/node-llama-cpp/package.json', import.meta.url);
const OURS = new URL('./runtime-judge-decoding.ts', import.meta.url);
const THEIRS = new URL('../anchors/node-llama-cpp.ts', import.meta.url);

interface Results {
  readonly settings: string;
  readonly comparisons: readonly Comparison[];
}

const rounds = Number(flag('rounds', '5'));
const promptRounds = Math.min(rounds, Number(flag('prompt-rounds', String(rounds))));
const threads = Number(flag('threads', '2'));
const contextLength = Number(flag('context', '2048'));
const steps = Number(flag('steps', '64'));
const promptTokens = Number(flag('prompt', '1500'));
const root = process.env.JUDGE_MODELS ?? '';
const files = flag('models', MODELS).split(',');
const progress = (text: string) => process.stderr.write(`${text}\n`);

function whyNot(): string | undefined {
  if (!existsSync(RIVAL))
    return 'node-llama-cpp is not installed; `npm install --no-save --ignore-scripts` in tools/bench/anchors installs it (1.2 GB).';
  if (root === '') return 'JUDGE_MODELS does not name a folder of models.';
  const missing = files.filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0) return `${root} does not hold ${missing.join(' and ')}.`;
  return undefined;
}

async function compare(file: string, cacheFolder: string): Promise<Comparison> {
  const location = join(root, file);
  const checkpoint = await openCheckpoint(location);
  const { tokenizer } = checkpoint;
  const shortPrompt = tokenizer.encodeChat([{ role: 'user', content: QUESTION }]);
  const longPrompt = tokenizer.encode(await readFile(LONG_TEXT, 'utf8')).slice(0, promptTokens);
  const work: Work = { location, threads, contextLength, shortPrompt, steps, cacheFolder };
  const measure = async (script: URL, asked: Work) =>
    lastLine(await ownProcess(script, [JSON.stringify(asked)]));
  const brief = { ...work, steps: 1 };
  progress(`${file}: both once, uncounted`);
  await measure(OURS, brief);
  await measure(THEIRS, brief);
  const [ours, theirs]: [Measures[], Measures[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    progress(`${file}: round ${round} of ${rounds}`);
    const asked = round <= promptRounds ? { ...work, longPrompt } : work;
    ours.push(await measure(OURS, asked));
    theirs.push(await measure(THEIRS, asked));
  }
  const [our, their] = [ours[0]!, theirs[0]!];
  const written = [
    { prompt: shortPrompt, ours: our.short.tokens, theirs: their.short.tokens },
    { prompt: longPrompt, ours: our.long!.decoding.tokens, theirs: their.long!.decoding.tokens },
  ];
  const texts: TextPair[] = [];
  for (const { prompt, ours, theirs } of written) {
    const first = ours.findIndex((token, index) => token !== theirs[index]);
    const common = first < 0 ? ours.length : first;
    texts.push({
      promptTokens: prompt.length,
      ours: tokenizer.decode(ours),
      theirs: tokenizer.decode(theirs),
      tokens: ours.length,
      common,
      ...(first < 0
        ? {}
        : { gap: await gapOf(work, [...prompt, ...ours.slice(0, first)], ours[first]!, theirs[first]!) }),
    });
  }
  const storedMegabytesPerToken = storedBytesPerToken(checkpoint) / 1e6;
  await checkpoint.dispose();
  return { model: basename(file, '.gguf'), ours, theirs, storedMegabytesPerToken, texts };
}

/** A runtime may print before it. */
const lastLine = (stdout: string): Measures => JSON.parse(stdout.trim().split('\n').at(-1)!);

/** How far apart our logits for two tokens are after a text. */
async function gapOf(work: Work, text: readonly number[], one: number, other: number): Promise<number> {
  const { location, cacheFolder } = work;
  const model = await cpuBackend({ dtype: 'auto', threads, contextLength, cacheFolder }).open(location);
  const session = await model.openSession();
  await session.forward(text.slice(0, -1), {});
  const { logits } = await session.forward(text.slice(-1), { logits: true });
  await model.dispose();
  return Math.abs(logits[one]! - logits[other]!);
}

/** Everything but the input embedding, of which a token reads one row, unless it is the output matrix too. */
function storedBytesPerToken({ tensors, config }: Checkpoint): number {
  return tensors
    .list()
    .filter(({ name }) => config.tiedEmbeddings || name !== 'model.embed_tokens.weight')
    .reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Prints each model when it is done, and saves what there is by then: a run takes minutes. */
async function runAll(save: string): Promise<void> {
  const settings =
    `${describeMachine()}; node-llama-cpp ${await rivalVersion()}. ${threads} threads each, context ${contextLength}, ${rounds} rounds, ` +
    `the long prompt in ${promptRounds} of them, ${steps} tokens after the first one. ` +
    'Medians with 95 % intervals (of up to five rounds the smallest and the largest).';
  console.log(`${settings}\n`);
  const comparisons: Comparison[] = [];
  await inFolder(async (folder) => {
    const cacheFolder = process.env.JUDGE_CACHE ?? join(folder, 'cache');
    for (const file of files) {
      comparisons.push(await compare(file, cacheFolder));
      print(comparisons.at(-1)!);
      if (save !== '') await writeFile(save, JSON.stringify({ settings, comparisons } satisfies Results));
    }
  });
}

async function rivalVersion(): Promise<string> {
  return JSON.parse(await readFile(RIVAL, 'utf8')).version;
}

function print(comparison: Comparison): void {
  console.log(comparisonTable(comparison));
  if (flag('texts', 'false') !== 'true') return;
  for (const { ours, theirs } of comparison.texts) console.log(`ours:   ${ours}\ntheirs: ${theirs}\n`);
}

const from = flag('from', '');
if (from !== '') {
  const { settings, comparisons }: Results = JSON.parse(await readFile(from, 'utf8'));
  console.log(`${settings}\n`);
  for (const comparison of comparisons) print(comparison);
} else {
  const refusal = whyNot();
  if (refusal !== undefined) {
    console.error(`against-node-llama-cpp: not run, ${refusal}`);
    process.exit(1);
  }
  await runAll(flag('save', ''));
}
