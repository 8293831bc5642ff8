import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds that each thread of this process has had a processor, by its id. Only Linux tells; elsewhere empty. */
export function threadTimes(): ReadonlyMap<string, number> {
  if (process.platform !== 'linux') return new Map();
  const folder = '/proc/self/task';
  const time = (id: string) => Number(readFileSync(`${folder}/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  return new Map(readdirSync(folder).map((id) => [id, time(id)]));
}

/** What the thread that worked most has had since `before`. */
export function busiestSince(before: ReadonlyMap<string, number>): number {
  return Math.max(0, ...[...threadTimes()].map(([id, time]) => time - (before.get(id) ?? 0)));
}
