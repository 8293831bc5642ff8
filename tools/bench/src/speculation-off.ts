/**
 * What a draft costs that cannot pay: `judge generate --draft-length auto` on a pair whose draft is too
 * dear, against plain decoding, prompt included. `JUDGE_MODELS=folder npx tsx src/speculation-off.ts
 * [--target a.gguf] [--draft b.gguf] [--rounds 5] [--tokens 250] [--threads 2]`
 *
 * Each runs in a fresh process, in turn, after an uncounted run of each of one token: graphs and costs are cached
 * then, which is what the controller knows before it drafts. Markdown goes to stdout, progress to
 * stderr. `JUDGE_CACHE` says where graphs and costs stay; without it they go with the temporary folder.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { printMachine } from './interleave.ts';
import { ownProcess } from './own-process.ts';
import { medianWithInterval } from './rival-table.ts';
import { flag, inFolder } from './workspace.ts';

const QUESTION = 'Write a long story about a lighthouse keeper who finds a map in a bottle.';
const JUDGE = new URL('./judge-process.ts', import.meta.url);

const root = process.env.JUDGE_MODELS ?? '';
const target = flag('target', 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf');
const draft = flag('draft', 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf');
const rounds = Number(flag('rounds', '5'));
const tokens = flag('tokens', '250');
const threads = flag('threads', '2');

/** What `judge generate --json` says, as far as it matters here. */
interface Said {
  readonly text: string;
  readonly tokens: readonly unknown[];
  readonly promptTokens: number;
  readonly statistics: {
    readonly drafted: number;
    readonly speculationOff: Readonly<Record<string, number>>;
  };
  /** Milliseconds. */
  readonly timings: { readonly total: number };
}

interface Run {
  readonly said: Said;
  readonly processMs: number;
}

async function generate(maxTokens: string, ...args: readonly string[]): Promise<Run> {
  const always = ['--target', join(root, target), '--max-tokens', maxTokens, '--threads', threads, '--json'];
  const start = performance.now();
  const said: Said = JSON.parse(await ownProcess(JUDGE, ['generate', QUESTION, ...always, ...args]));
  return { said, processMs: performance.now() - start };
}

const plainly = (count: string) => generate(count, '--draft', 'none', '--draft-length', '0');
const adaptively = (count: string) => generate(count, '--draft', join(root, draft), '--draft-length', 'auto');

async function measure(): Promise<void> {
  process.stderr.write('both once, uncounted\n');
  await plainly('1');
  await adaptively('1');
  const [plain, auto]: [Run[], Run[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`round ${round} of ${rounds}\n`);
    plain.push(await plainly(tokens));
    auto.push(await adaptively(tokens));
  }
  const { said } = auto[0]!;
  printMachine();
  console.log(
    `${target}, draft ${draft}; ${threads} threads, ${said.promptTokens} tokens of prompt, ${said.tokens.length} written, ${rounds} rounds. ` +
      'Medians with 95 % intervals (of up to five rounds the smallest and the largest).\n\n' +
      '| seconds | plain | --draft-length auto | auto : plain | wanted |\n| --- | ---: | ---: | ---: | --- |',
  );
  const row = (label: string, of: (run: Run) => number, wanted: string) => {
    const ratios = auto.map((run, round) => of(run) / of(plain[round]!));
    const cells = [plain, auto].map((runs) =>
      medianWithInterval(
        runs.map((run) => of(run) / 1000),
        2,
      ),
    );
    console.log(`| ${label} | ${cells.join(' | ')} | ${medianWithInterval(ratios, 3)} | ${wanted} |`);
  };
  row('prompt and text', (run) => run.said.timings.total, 'at most 1.05');
  row('the whole process', (run) => run.processMs, '');

  const texts = new Set([...plain, ...auto].map((run) => run.said.text));
  const drafted = auto.reduce((sum, run) => sum + run.said.statistics.drafted, 0);
  console.log(
    `\n${texts.size === 1 ? 'All texts are the same' : `${texts.size} different texts`}; ${drafted} tokens were drafted.`,
  );
  const reasons = new Set(auto.flatMap((run) => Object.keys(run.said.statistics.speculationOff)));
  for (const reason of reasons) console.log(`Speculation was off: ${reason}.`);
  if (reasons.size === 0) console.log('Speculation was not off.');
}

const missing = [target, draft].filter((file) => !existsSync(join(root, file)));
if (root === '' || missing.length > 0) {
  const why =
    root === ''
      ? 'JUDGE_MODELS does not name a folder of models'
      : `${root} does not hold ${missing.join(' and ')}`;
  console.error(`speculation-off: not run, ${why}.`);
  process.exit(1);
}
await inFolder(async (folder) => {
  process.env.JUDGE_CACHE ??= join(folder, 'cache');
  await measure();
});
