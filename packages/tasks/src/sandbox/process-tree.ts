import { readdir, readFile } from 'node:fs/promises';

export interface TreeUse {
  readonly processes: number;
  /** Memory of its own that each holds, added up. */
  readonly bytes: number;
}

const PAGE = 4096;

/**
 * What a process and everything below it uses, as /proc tells; those that end meanwhile count
 * nothing. More than `most` processes are not counted further: a fork bomb is faster than that.
 */
export async function useOfTree(root: number, most: number): Promise<TreeUse> {
  let [processes, bytes] = [0, 0];
  const open = [root];
  const seen = new Set(open);
  while (open.length > 0 && processes <= most) {
    const pid = open.pop()!;
    const [statm, children] = await Promise.all([
      readFile(`/proc/${pid}/statm`, 'utf8').catch(() => ''),
      childrenOf(pid),
    ]);
    if (statm === '') continue;
    const [, resident = 0, shared = 0] = statm.split(' ').map(Number);
    processes++;
    bytes += (resident - shared) * PAGE;
    for (const child of children) {
      if (seen.has(child)) continue;
      seen.add(child);
      open.push(child);
    }
  }
  return { processes, bytes };
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter((id) => id !== '')).map(Number);
}
