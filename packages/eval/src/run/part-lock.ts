import { createHash, randomUUID } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere } from '@judge-decoding/long-work';

/** The host without its name: result folders are given to others. */
const host = () => createHash('sha256').update(hostname()).digest('hex').slice(0, 12);

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/**
 * One process at a time writes a part: the lock is a file that only one can make. Where its maker was
 * killed on this machine it is taken over; elsewhere nobody can know, and a person must remove it.
 */
export async function lockPart(path: string): Promise<{ release(): Promise<void> }> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const ours = JSON.stringify({ pid: process.pid, host: host(), since: new Date().toISOString() });
    if (await makeOnce(path, ours)) return { release: () => rm(path, { force: true }) };
    const held = await readIfThere(path);
    if (held === undefined) continue;
    const holder = holderIn(held);
    if (holder === undefined) {
      // its maker may be about to write who it is, where there are no links
      await new Promise((resolve) => setTimeout(resolve, 500));
      await removeLock(path, held);
      continue;
    }
    if (holder.host !== host() || isAlive(holder.pid))
      throw new JudgeDecodingError(
        'busy',
        `Process ${holder.pid}${holder.host === host() ? '' : ' on another machine'} has been writing this part since ${holder.since}. Wait for it, take another --shard, or remove \`${path}\` if it is gone.`,
      );
    await removeLock(path, held);
  }
  throw new JudgeDecodingError('busy', `Others keep taking \`${path}\`. Try again.`);
}

/** Makes a file that appears with its text, as a link to one that is written already; false where there is one. */
async function makeOnce(path: string, text: string): Promise<boolean> {
  const written = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(written, text);
    // a file system without links (FAT) makes the file first, and its text a moment later
    await link(written, path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST' || cause.code === 'ENOENT') throw cause;
      return writeFile(path, text, { flag: 'wx' });
    });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new JudgeDecodingError('io', `Could not make \`${path}\`: ${(cause as Error).message}.`, { cause });
  } finally {
    await rm(written, { force: true }).catch(() => undefined);
  }
}

/** Removes a lock that is still this one, and not what somebody else has put in its place meanwhile. */
async function removeLock(path: string, held: string): Promise<void> {
  if ((await readIfThere(path)) !== held) return;
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    await rename(path, aside);
  } catch {
    // another has taken it away
    return;
  }
  if ((await readIfThere(aside)) !== held) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Whether somebody who is alive, or on another machine, holds a lock. */
export async function isHeld(path: string): Promise<boolean> {
  const held = await readIfThere(path);
  const holder = held === undefined ? undefined : holderIn(held);
  return holder !== undefined && (holder.host !== host() || isAlive(holder.pid));
}

function holderIn(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
