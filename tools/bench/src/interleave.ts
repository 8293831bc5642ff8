import { availableParallelism, cpus, loadavg } from 'node:os';

/** What is measured under a name; returns how many units of work it did. */
export type Arm = () => Promise<number>;

export interface Timing {
  readonly name: string;
  /** Milliseconds a unit, ascending: one value for each visit. */
  readonly samples: readonly number[];
  /** Processor time of the whole process a unit, ascending: other programs disturb it less. */
  readonly processor: readonly number[];
}

export interface InterleaveOptions {
  /** Turns; each visits every arm once. */
  readonly turns: number;
  /** Runs of an arm in one visit; the first is not counted. */
  readonly visits?: number;
}

/** Runs the arms in turn, so that what else the machine does falls on all of them alike. */
export async function interleave(
  arms: Readonly<Record<string, Arm>>,
  { turns, visits = 4 }: InterleaveOptions,
): Promise<readonly Timing[]> {
  const timings = Object.keys(arms).map((name) => ({
    name,
    samples: [] as number[],
    processor: [] as number[],
  }));
  for (let turn = 0; turn < turns; turn++) {
    for (const { name, samples, processor } of timings) {
      for (let visit = 0; visit <= visits; visit++) {
        const used = process.cpuUsage();
        const start = performance.now();
        const units = await arms[name]!();
        const took = performance.now() - start;
        const { user, system } = process.cpuUsage(used);
        if (visit === 0) continue;
        samples.push(took / units);
        processor.push((user + system) / 1000 / units);
      }
    }
  }
  for (const { samples, processor } of timings) {
    samples.sort((a, b) => a - b);
    processor.sort((a, b) => a - b);
  }
  return timings;
}

export function median({ samples }: Timing): number {
  const middle = samples.length >> 1;
  return samples.length % 2 === 1 ? samples[middle]! : (samples[middle - 1]! + samples[middle]!) / 2;
}

/** A 95 % interval of the median by order statistics: no law of the noise is assumed. */
export function interval({ samples }: Timing): readonly [number, number] {
  const spread = 0.98 * Math.sqrt(samples.length);
  const at = (index: number) => samples[Math.max(0, Math.min(samples.length - 1, Math.round(index)))]!;
  return [at(samples.length / 2 - spread), at(samples.length / 2 + spread)];
}

export const processorMedian = ({ processor }: Timing): number =>
  processor[Math.floor(processor.length / 2)]!;

/** The tenth of the samples least disturbed by other work ends here. */
export const quiet = ({ samples }: Timing): number => samples[Math.floor(samples.length / 10)]!;

export function printTimings(timings: readonly Timing[]): void {
  console.log(
    '| | median ms | 95 % interval | quietest tenth | processor ms |\n| --- | ---: | --- | ---: | ---: |',
  );
  for (const timing of timings) {
    const [low, high] = interval(timing);
    const cells = [
      median(timing).toFixed(3),
      `${low.toFixed(3)}–${high.toFixed(3)}`,
      quiet(timing).toFixed(3),
    ];
    cells.push(processorMedian(timing).toFixed(3));
    console.log(`| ${timing.name} | ${cells.join(' | ')} |`);
  }
}

/** Processor, cores, Node, load and time, in one line. */
export function describeMachine(): string {
  const load = loadavg().map((value) => value.toFixed(1));
  return (
    `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.versions.node}, ` +
    `load ${load.join(' ')}, ${new Date().toISOString()}`
  );
}

export function printMachine(): void {
  console.log(`${describeMachine()}\n`);
}
