import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clauses } from '@judge-decoding/backend-contract';
import { devicesOf } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import { type ContractResult, contractModels } from './contract.ts';
import { eachItem, type Part, type Run } from './run.ts';
import { readPart } from './store.ts';
import { runTool, thisProgram } from './tool.ts';

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

/** One run of this program under a tool. */
interface Item {
  readonly tool: string;
  readonly part: string;
  readonly what: string;
  readonly options: readonly string[];
}

/** Each by itself, for under these tools all is many times as slow. */
function itemsOf(tool: string, ranks: number, models: readonly string[]): readonly Item[] {
  // every access of shared memory is kept in mind: 20 rows take it half a minute
  const isSlow = tool === 'racecheck';
  // over several GPUs the host decides rounds, and all of the contract ends in time
  const slow = ranks === 1 || isSlow ? ['--slow'] : [];
  const rows = ['bf16', 'int8', 'int4', 'fp8', 'fp16', 'q8_0', 'q4_0'].map((dtype) => ({
    ...{ tool, part: 'rows', what: dtype },
    options: ['--quick', ...(isSlow ? ['--rows', '20'] : []), '--only', `:${dtype}`],
  }));
  const contracts = models.flatMap((model) =>
    isSlow
      ? groupsOver(ranks).map((group) => ({
          ...{ tool, part: 'contract', what: `${model}: ${group}` },
          options: ['--only', model, ...slow, '--clauses', group],
        }))
      : [{ tool, part: 'contract', what: model, options: ['--only', model, ...slow] }],
  );
  return ranks === 1 ? [...rows, ...contracts] : [...contracts, ...rows];
}

/** Beginnings of the clauses' ids. Over several GPUs the host decides rounds: there is nothing to verify on the device. */
function groupsOver(ranks: number): readonly string[] {
  const groups = [...new Set(clauses.map(({ id }) => id.slice(0, id.indexOf('/') + 1)))];
  return groups.filter((group) => ranks === 1 || group !== 'verify/');
}

export const sanitizer: Part = async (run) => {
  const where = run.device === 'cuda:0' ? '' : ` ${run.device}`;
  const ranks = devicesOf(run.device).length;
  const models = await contractModels(ranks);
  const items = ['memcheck', 'racecheck'].flatMap((tool) => itemsOf(tool, ranks, models));
  await eachItem(
    run,
    items.map((item) => ({ name: `${item.tool} ${item.part} ${item.what}${where}`, item })),
    (item) => underTool(run, { ...item, what: `${item.part} ${item.what}${where}` }),
  );
};

async function underTool(run: Run, { tool, part, what, options }: Item): Promise<SanitizerResult> {
  const out = await mkdtemp(join(tmpdir(), 'judge-sanitizer-'));
  try {
    const from = performance.now();
    const words = [
      ...['--tool', tool, '--error-exitcode', String(FOUND), '--target-processes', 'all'],
      // what the driver refuses (too much memory, say) the engine answers, and the contract looks at
      ...(tool === 'memcheck' ? ['--report-api-errors', 'no'] : []),
      ...thisProgram(run, [part, ...options, '--out', out]),
    ];
    // a kernel is changed as it is loaded: that once kept a rank from another, which gave up waiting, is what is believed
    const { status, text } = await runTool('compute-sanitizer', words, { CUDA_MODULE_LOADING: 'EAGER' });
    const lines = text.split('\n').filter((line) => line.startsWith('========='));
    const done = Object.values((await readPart(out, part))?.items ?? {}) as Partial<ContractResult>[];
    const outcome = outcomeOf(status, lines);
    // what was found is told, however the program ended
    if (outcome !== 'errors' && !ranToEnd(status, done)) {
      throw new JudgeDecodingError(
        'device',
        `${tool} on ${what} ended with ${status}, ${done.length} items done: ${text.slice(-1500)}`,
      );
    }
    const summary = (lines.at(-1) ?? '').replaceAll('=', '').trim();
    if (status === FOUND) for (const line of lines.slice(0, 60)) run.say(`  ${line}`);
    return { tool, part: what, outcome, summary, seconds: (performance.now() - from) / 1000 };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** A program that failed, or a model that did, has run nothing to the end, however clean it was. */
export function ranToEnd(
  status: number | null,
  done: readonly Partial<Pick<ContractResult, 'refused' | 'broken'>>[],
): boolean {
  const failed = done.some(({ refused, broken = [] }) => refused !== undefined || broken.length > 0);
  return (status === 0 || status === FOUND) && done.length > 0 && !failed;
}

/** What the tool's exit code and lines say. */
export function outcomeOf(status: number | null, lines: readonly string[]): SanitizerResult['outcome'] {
  if (status !== FOUND) return 'clean';
  const races = lines.filter((line) => line.includes('Race reported between'));
  return races.length > 0 && races.every((line) => line.includes(EXPLAINED)) ? 'explained' : 'errors';
}
