import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devicesOf } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import { contractModels } from './contract.ts';
import { eachItem, type Part, type Run } from './run.ts';
import { readPart } from './store.ts';

/**
 * This program again, under NVIDIA's compute-sanitizer: rows of a tiny model in passes of every width, and the
 * contract, in every type of weights. Memory errors and races of shared memory end with an exit code of its own.
 */
export interface SanitizerResult {
  readonly tool: string;
  readonly part: string;
  /** `explained`: every race is in the function that the record of the engine explains; that is no proof, and a release is refused. */
  readonly outcome: 'clean' | 'explained' | 'errors';
  /** What the tool said last. */
  readonly summary: string;
  readonly seconds: number;
}

const FOUND = 99;
/** One lane tells the others that a warp has written; racecheck believes it of that lane's own write only. */
const EXPLAINED = 'store_part<';

/** A part and the item of it: each by itself, for under these tools all is many times as slow. */
function runsOf(
  tool: string,
  ranks: number,
  models: readonly string[],
): readonly (readonly [part: string, options: readonly string[]])[] {
  // every access of shared memory is kept in mind: 20 rows take it half a minute
  const few = tool === 'racecheck' ? ['--rows', '20'] : [];
  const rows = ['bf16', 'int8', 'int4', 'fp8', 'fp16', 'q8_0', 'q4_0'].map(
    (dtype) => ['rows', ['--quick', ...few, '--only', `:${dtype}`]] as const,
  );
  const contracts = models.map((model) => ['contract', ['--only', model]] as const);
  return ranks === 1 ? [...rows, ...contracts] : [...contracts, ...rows];
}

export const sanitizer: Part = async (run) => {
  const where = run.device === 'cuda:0' ? '' : ` ${run.device}`;
  const ranks = devicesOf(run.device).length;
  const models = await contractModels(ranks);
  const items = ['memcheck', 'racecheck'].flatMap((tool) =>
    runsOf(tool, ranks, models).map(([part, options]) => {
      const what = `${part} ${options.at(-1)!.replace(/^:/, '')}${where}`;
      return { name: `${tool} ${what}`, item: { tool, part, what, options } };
    }),
  );
  await eachItem(run, items, (item) => underTool(run, item));
};

interface Item {
  readonly tool: string;
  readonly part: string;
  readonly what: string;
  readonly options: readonly string[];
}

async function underTool(run: Run, { tool, part, what, options }: Item): Promise<SanitizerResult> {
  const out = await mkdtemp(join(tmpdir(), 'judge-sanitizer-'));
  try {
    const from = performance.now();
    const { status, text } = await ended([
      ...['--tool', tool, '--error-exitcode', String(FOUND), '--target-processes', 'all'],
      // what the driver refuses (too much memory, say) the engine answers, and the contract looks at
      ...(tool === 'memcheck' ? ['--report-api-errors', 'no'] : []),
      ...[process.execPath, ...process.execArgv, process.argv[1]!],
      ...[part, ...options, '--out', out, '--device', run.device],
      ...libraryOf(process.argv),
    ]);
    const lines = text.split('\n').filter((line) => line.startsWith('========='));
    const found = await readPart(out, part);
    const done = Object.values(found?.items ?? {}) as { readonly refused?: string }[];
    // a program that failed has run nothing to the end, however clean it was
    if (
      (status !== 0 && status !== FOUND) ||
      done.length === 0 ||
      done.some(({ refused }) => refused !== undefined)
    ) {
      throw new JudgeDecodingError(
        'device',
        `${tool} on ${what} ended with ${status}, ${done.length} items done: ${text.slice(-1500)}`,
      );
    }
    const summary = (lines.at(-1) ?? '').replaceAll('=', '').trim();
    if (status === FOUND) for (const line of lines.slice(0, 60)) run.say(`  ${line}`);
    const seconds = (performance.now() - from) / 1000;
    const outcome = outcomeOf(status, lines);
    return { tool, part: what, outcome, summary, seconds };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** What the tool's exit code and lines say. */
export function outcomeOf(status: number | null, lines: readonly string[]): SanitizerResult['outcome'] {
  if (status !== FOUND) return 'clean';
  const races = lines.filter((line) => line.includes('Race reported between'));
  return races.length > 0 && races.every((line) => line.includes(EXPLAINED)) ? 'explained' : 'errors';
}

/** Exit code and output of compute-sanitizer with these arguments. */
async function ended(
  argv: readonly string[],
): Promise<{ readonly status: number | null; readonly text: string }> {
  const child = spawn('compute-sanitizer', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => child.kill();
  process.once('SIGTERM', stop);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, text };
  } catch (error) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected compute-sanitizer on the PATH (it comes with CUDA's toolkit), got: ${(error as Error).message}.`,
    );
  } finally {
    process.off('SIGTERM', stop);
  }
}

/** `--library FILE` as this run was given it. */
function libraryOf(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('--library');
  return at < 0 ? [] : argv.slice(at, at + 2);
}
