import { createHash } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { JudgeDecodingError } from '@judge-decoding/core';

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
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(
        JSON.stringify({ pid: process.pid, host: host(), since: new Date().toISOString() }),
      );
      await file.close();
      return { release: () => rm(path, { force: true }) };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new JudgeDecodingError('io', `Could not make \`${path}\`: ${(cause as Error).message}.`, {
          cause,
        });
    }
    const holder = await readHolder(path);
    if (holder === undefined) {
      // it may be about to write who it is
      await new Promise((resolve) => setTimeout(resolve, 200));
      if ((await readHolder(path)) === undefined) await rm(path, { force: true });
      continue;
    }
    if (holder.host !== host() || isAlive(holder.pid))
      throw new JudgeDecodingError(
        'busy',
        `Process ${holder.pid}${holder.host === host() ? '' : ' on another machine'} has been writing this part since ${holder.since}. Wait for it, take another --shard, or remove \`${path}\` if it is gone.`,
      );
    await rm(path, { force: true });
  }
  throw new JudgeDecodingError('busy', `Others keep taking \`${path}\`. Try again.`);
}

/** Whether somebody who is alive, or on another machine, holds a lock. */
export async function isHeld(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  return holder !== undefined && (holder.host !== host() || isAlive(holder.pid));
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
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
