export { breathe } from './breathe.ts';
export { claimFolder, type Growth, readIfThere, sha256, writeAtomically } from './files.ts';
export { duration, progressLine } from './progress-line.ts';
export { isOurs, type ShardShare } from './shard-share.ts';
export { readNamed, unreadable } from './unreadable.ts';
