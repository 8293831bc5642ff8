import { parseArgs } from 'node:util';
import type { CpuOptions } from '@judge-decoding/backend-cpu';
import { JudgeDecodingError } from '@judge-decoding/core';
import { ALL_ARMS } from './arms.ts';
import { reportOf } from './report.ts';
import { runRules } from './run-rules.ts';
import { say } from './say.ts';

const HELP = `real-pair: every greedy rule on a real pair of models, over the first questions of GSM8K

  run      each arm over each question, a row each; stopped (Ctrl-C) and started again, it goes on
  report   the table, from the rows alone

  --target FILE --draft FILE   folders or GGUF files
  --gsm8k FILE                 GSM8K's test.jsonl
  --questions N                (20)
  --part K --parts N           every Nth question from the Kth on: several processes share one --out; then once without, for the comparison of texts
  --arms NAME,NAME             (${ALL_ARMS.join(',')}; and judge with a head)
  --head FILE                  a judge head of the target
  --draft-length N             (16)
  --max-tokens N               (400)
  --dtype auto|fp32|int8|int4  (auto: a quantised file as it is)
  --threads N                  of each model (2)
  --out FOLDER                 (results/real-pair)
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    target: { type: 'string' },
    draft: { type: 'string' },
    gsm8k: { type: 'string' },
    questions: { type: 'string', default: '20' },
    part: { type: 'string', default: '0' },
    parts: { type: 'string', default: '1' },
    arms: { type: 'string' },
    head: { type: 'string' },
    'draft-length': { type: 'string', default: '16' },
    'max-tokens': { type: 'string', default: '400' },
    dtype: { type: 'string', default: 'auto' },
    threads: { type: 'string', default: '2' },
    out: { type: 'string', default: 'results/real-pair' },
  },
});

function whole(
  name: 'questions' | 'part' | 'parts' | 'draft-length' | 'max-tokens' | 'threads',
  least = 1,
): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected --${name} to be a whole number of at least ${least}, got \`${values[name]}\`.`,
  );
}

function given(name: 'target' | 'draft' | 'gsm8k'): string {
  const value = values[name];
  if (value !== undefined) return value;
  throw new JudgeDecodingError('invalid-option', `\`run\` needs --${name}.`);
}

/** Which of the parts, and of how many. */
function share(): { readonly part: number; readonly parts: number } {
  const [part, parts] = [whole('part', 0), whole('parts')];
  if (part < parts) return { part, parts };
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected --part to be below --parts, got ${part} and ${parts}.`,
  );
}

async function run(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const arms = values.arms?.split(',') ?? [...ALL_ARMS, ...(values.head === undefined ? [] : ['judge'])];
  await runRules({
    target: given('target'),
    draft: given('draft'),
    // checked where the models are opened
    dtype: values.dtype as NonNullable<CpuOptions['dtype']>,
    threads: whole('threads'),
    questionsFile: given('gsm8k'),
    questions: whole('questions'),
    ...share(),
    arms,
    draftLength: whole('draft-length'),
    maxTokens: whole('max-tokens'),
    headFile: values.head,
    out: values.out,
    signal: stop.signal,
  });
}

const VERBS: Readonly<Record<string, () => Promise<void>>> = {
  run,
  report: async () => void process.stdout.write(await reportOf(values.out)),
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
    const stopped = error.code === 'aborted';
    say(stopped ? 'Stopped: the same command goes on from here.' : error.message);
    process.exitCode = stopped ? 130 : 1;
  }
}
