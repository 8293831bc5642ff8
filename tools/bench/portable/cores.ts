import { readFileSync } from 'node:fs';

/** `8-11,14` as numbers; also what Linux writes in such files. */
const listed = (text: string): readonly number[] =>
  text
    .trim()
    .split(',')
    .flatMap((part) => {
      const [from, to = from] = part.split('-').map(Number) as [number, number?];
      return Array.from({ length: to! - from + 1 }, (_, index) => from + index);
    });

/** The processors of `8-23` by the core that they are, each core those of its threads that are in the list. */
export function coresOf(list: string): readonly (readonly number[])[] {
  const cores = new Map<string, number[]>();
  for (const cpu of listed(list)) {
    let core = String(cpu);
    try {
      const path = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
      core = listed(readFileSync(path, 'utf8')).join();
    } catch {
      // unknown: a core of its own
    }
    cores.set(core, [...(cores.get(core) ?? []), cpu]);
  }
  return [...cores.values()];
}

/**
 * Of the free cores those for a step of so many threads, and a place for the browser around it: a core's second thread, or one core
 * more. All there are where that is less; undefined while too few are free.
 */
export function grant<Core extends readonly number[]>(
  free: ReadonlySet<Core>,
  all: readonly Core[],
  threads: number,
): readonly Core[] | undefined {
  const wanted = Math.min(all.length, all.some((core) => core.length === 1) ? threads + 1 : threads);
  return free.size < wanted ? undefined : all.filter((core) => free.has(core)).slice(0, wanted);
}
