import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { eachItem, type Part } from './run.ts';

/**
 * This program again, under NVIDIA's compute-sanitizer: rows of a tiny model in passes of every width, and the
 * contract, in every type of weights. Memory errors and races of shared memory end with an exit code of its own.
 */
export interface SanitizerResult {
  readonly tool: string;
  readonly part: string;
  readonly outcome: 'clean' | 'errors';
  /** What the tool said last. */
  readonly summary: string;
  readonly seconds: number;
}

const FOUND = 99;
/** A part and the item of it: each by itself, for under these tools all is many times as slow. */
const RUNS: readonly (readonly [part: string, options: readonly string[]])[] = [
  ...['bf16', 'int8', 'int4', 'fp8', 'fp16', 'q8_0', 'q4_0'].map(
    (dtype) => ['rows', ['--quick', '--only', `:${dtype},`]] as const,
  ),
  ...[
    ...['bf16, heads in groups', 'int8, tied, biases', 'q8_0 of a Q8_0 file, tied', 'fp16, tied, biases'],
    ...['int4, odd widths', 'q4_0 of float32, odd widths', 'fp8, tied, biases'],
  ].map((model) => ['contract', ['--only', model]] as const),
];

export const sanitizer: Part = async (run) => {
  const items = ['memcheck', 'racecheck'].flatMap((tool) =>
    RUNS.map(([part, options]) => {
      const what = `${part} ${options.at(-1)!.replace(/^:|,$/g, '')}`;
      return { name: `${tool} ${what}`, item: { tool, part, what, options } };
    }),
  );
  await eachItem(run, items, async ({ tool, part, what, options }): Promise<SanitizerResult> => {
    const out = await mkdtemp(join(tmpdir(), 'judge-sanitizer-'));
    try {
      const from = performance.now();
      const { status, stdout, error } = spawnSync(
        'compute-sanitizer',
        [
          ...['--tool', tool, '--error-exitcode', String(FOUND), '--target-processes', 'all'],
          ...[process.execPath, ...process.execArgv, process.argv[1]!],
          ...[part, ...options, '--out', out, '--device', run.device],
          ...libraryOf(process.argv),
        ],
        { encoding: 'utf8', maxBuffer: 2 ** 28 },
      );
      if (error !== undefined) {
        throw new JudgeDecodingError(
          'not-found',
          `Expected compute-sanitizer on the PATH (it comes with CUDA's toolkit), got: ${error.message}.`,
        );
      }
      const lines = stdout.split('\n').filter((line) => line.startsWith('========='));
      if (status !== 0 && status !== FOUND) {
        throw new JudgeDecodingError(
          'device',
          `${tool} on ${what} ended with ${status}: ${stdout.slice(-500)}`,
        );
      }
      const summary = (lines.at(-1) ?? '').replaceAll('=', '').trim();
      if (status === FOUND) for (const line of lines.slice(0, 40)) run.say(`  ${line}`);
      const seconds = (performance.now() - from) / 1000;
      return { tool, part: what, outcome: status === FOUND ? 'errors' : 'clean', summary, seconds };
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  });
};

/** `--library FILE` as this run was given it. */
function libraryOf(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('--library');
  return at < 0 ? [] : argv.slice(at, at + 2);
}
