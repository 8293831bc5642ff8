import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import type { Model } from '@judge-decoding/core';

/** Where numbers come from: stored beside the rows. */
export function environment({ target, draft }: { readonly target: Model; readonly draft: Model }) {
  const [first] = cpus();
  return {
    date: new Date().toISOString(),
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    commit: git('rev-parse', 'HEAD'),
    dirty: git('status', '--porcelain', '--untracked-files=no') !== '',
    target: target.info,
    draft: draft.info,
  };
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
