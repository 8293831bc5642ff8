import { JudgeDecodingError } from '@judge-decoding/core';
import { parse } from 'csv-parse/sync';

/** One run of a kernel, as ncu saw it: by itself, with nothing before or behind it. */
export interface Kernel {
  /** Without namespaces and arguments, as `product_kernel<3, 1>`. */
  readonly name: string;
  readonly blocks: number;
  readonly threads: number;
  readonly microseconds: number;
  /** Moved between the device's memory and its caches. */
  readonly bytes: number;
  /** Cycles in which a scheduler issued an instruction, percent. */
  readonly issuing: number;
  /** Of the tensor cores' time, percent. */
  readonly multiplying: number;
  /** Of a multiprocessor, GHz. */
  readonly clock: number;
  /** What a warp waits for, cycles between two of its instructions. */
  readonly waits: Readonly<Record<string, number>>;
}

const WAIT = 'smsp__average_warps_issue_stalled_';
const PER_ISSUE = '_per_issue_active.ratio';
/** Reasons of the hardware's, in the words that ncu has for them. */
const WAITS: Readonly<Record<string, string>> = {
  long_scoreboard: 'memory',
  short_scoreboard: 'shared memory',
  barrier: 'a barrier',
  membar: 'a fence',
  math_pipe_throttle: 'arithmetic units',
  mio_throttle: 'the queue of shared memory',
  lg_throttle: 'the queue of memory',
  wait: 'a fixed latency',
  no_instruction: 'instructions',
  branch_resolving: 'a branch',
  sleeping: 'sleep',
  not_selected: 'its turn',
};

const DURATION = 'gpu__time_duration.sum';
const BYTES = 'dram__bytes.sum';
const ISSUING = 'smsp__issue_active.avg.pct_of_peak_sustained_elapsed';
const MULTIPLYING = 'sm__pipe_tensor_op_hmma_cycles_active.avg.pct_of_peak_sustained_elapsed';
const CYCLES = 'smsp__cycles_elapsed.max';

/** What ncu is asked for. */
export const NCU_METRICS: readonly string[] = [
  ...[DURATION, BYTES, ISSUING, MULTIPLYING, CYCLES],
  ...Object.keys(WAITS).map((reason) => `${WAIT}${reason}${PER_ISSUE}`),
];

/**
 * The kernels in what `ncu --csv --page raw --print-units base` printed, in the order they ran.
 *
 * @throws `device` where a column is missing or holds no number.
 */
export function readKernels(csv: string): readonly Kernel[] {
  // its own words stand before the table
  const from = csv.search(/^"ID",/m);
  if (from < 0) return [];
  const lines = csv.slice(from).replaceAll(/^==.*$/gm, '');
  const rows = parse(lines, { columns: true, skip_empty_lines: true }) as Record<string, string>[];
  // the first row holds the units
  return rows.slice(1).map((row) => {
    const number = (column: string): number => {
      const value = Number((row[column] ?? '').replaceAll(',', '') || Number.NaN);
      if (Number.isNaN(value))
        throw new JudgeDecodingError(
          'device',
          `Expected ncu to tell ${column} of ${row['Kernel Name'] ?? 'a kernel'}, got '${row[column] ?? ''}'.`,
        );
      return value;
    };
    const extent = (column: string): number =>
      (row[column]?.match(/\d+/g) ?? []).reduce((product, digits) => product * Number(digits), 1);
    return {
      name: shortName(row['Kernel Name'] ?? ''),
      ...{ blocks: extent('Grid Size'), threads: extent('Block Size') },
      ...{ microseconds: number(DURATION) / 1e3, bytes: number(BYTES) },
      ...{ issuing: number(ISSUING), multiplying: number(MULTIPLYING) },
      clock: number(CYCLES) / number(DURATION),
      waits: Object.fromEntries(
        Object.entries(WAITS).map(([reason, words]) => [words, number(`${WAIT}${reason}${PER_ISSUE}`)]),
      ),
    };
  });
}

/** `void jc::<unnamed>::product_kernel<(jc::Weights)3, (int)1>(jc::ProductArgs)` to `product_kernel<3, 1>`. */
function shortName(name: string): string {
  const plain = name.replaceAll(/\(anonymous namespace\)|<unnamed>|\([\w: ]+\)(?=[\w-])/g, '');
  return /(\w+(?:<[^()]*>)?)\s*(?:\(|$)/.exec(plain)?.[1]?.replaceAll(/\w+::/g, '') ?? name;
}
