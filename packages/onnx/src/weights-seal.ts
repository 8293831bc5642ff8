import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** What a file of weights was when it was written: its digest, and what the operating system said of it. */
interface Seal {
  readonly sha256: string;
  /** Size and times; the last of them no program can set. */
  readonly stamp: string;
}

const NAME = 'weights.seal.json';

/** Notes what the weights are, beside them. */
export async function sealWeights(folder: string, weightsFile: string): Promise<void> {
  const sha256 = await digestOf(weightsFile);
  await write(folder, { sha256, stamp: await stampOf(weightsFile) });
}

/**
 * Whether the weights are still what was written. A look at the file's times tells, at no cost; where
 * those have changed (a copy, a restored backup, other bytes) the file is read once, and noted anew.
 * An entry without a seal is from before there were any: its weights are taken as they are.
 */
export async function isSealed(folder: string, weightsFile: string): Promise<boolean> {
  const seal = await read(folder);
  const stamp = await stampOf(weightsFile);
  if (seal?.stamp === stamp) return true;
  const sha256 = await digestOf(weightsFile);
  if (seal !== undefined && seal.sha256 !== sha256) return false;
  // a folder that cannot be written costs the next start the same reading
  await write(folder, { sha256, stamp }).catch(() => undefined);
  return true;
}

async function stampOf(file: string): Promise<string> {
  const { size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return [size, mtimeNs, ctimeNs].join(' ');
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function read(folder: string): Promise<Seal | undefined> {
  try {
    const seal = JSON.parse(await readFile(`${folder}/${NAME}`, 'utf8')) as Partial<Seal>;
    return typeof seal.sha256 === 'string' && typeof seal.stamp === 'string' ? (seal as Seal) : undefined;
  } catch {
    return undefined;
  }
}

/** Appears complete or not at all: several may note the same. */
async function write(folder: string, seal: Seal): Promise<void> {
  const temporary = `${folder}/${NAME}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(seal)}\n`);
    await rename(temporary, `${folder}/${NAME}`);
  } finally {
    await rm(temporary, { force: true });
  }
}
