import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from '@judge-decoding/backend-cuda';

/** Where a run took place. Plain data. */
export interface Environment {
  readonly commit: string;
  readonly engine: string;
  readonly build: string;
  readonly gpu: string;
  readonly compute: string;
  readonly multiprocessors: number;
  readonly memoryGigabytes: number;
  readonly cudaOfDriver: string;
  /** As nvidia-smi says it: driver, clocks, power; empty where it is not there. */
  readonly driver: string;
  readonly clocks: string;
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly at: string;
}

/** What `bundle.mjs` wrote beside the program, else what the working copy says. */
export interface Manifest {
  readonly commit: string;
  readonly engine: string;
}

export async function manifest(): Promise<Manifest> {
  const beside = join(dirname(fileURLToPath(import.meta.url)), 'manifest.json');
  if (existsSync(beside)) return JSON.parse(readFileSync(beside, 'utf8')) as Manifest;
  // a working copy: computed by the same script that the build uses
  const sources = new URL('../../../packages/backend-cuda/native/sources.mjs', import.meta.url).href;
  const { sourcesDigest } = (await import(sources)) as { sourcesDigest: () => string };
  return { commit: said('git', ['describe', '--always', '--dirty', '--exclude=*']), engine: sourcesDigest() };
}

export async function environmentOf(engine: Engine, device: number, of: Manifest): Promise<Environment> {
  const info = await engine.device(device);
  const query = (fields: string) =>
    said('nvidia-smi', [`--query-gpu=${fields}`, '--format=csv,noheader', '-i', String(device)]);
  return {
    ...of,
    build: engine.build,
    gpu: info.name,
    compute: info.compute,
    multiprocessors: info.multiprocessors,
    memoryGigabytes: Math.round(info.memoryTotal / 1e8) / 10,
    cudaOfDriver: info.driver,
    driver: query('driver_version'),
    clocks: query('clocks.sm,clocks.mem,clocks.max.sm,power.draw,power.limit'),
    node: process.version,
    system: `${process.platform} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? '',
    at: new Date().toISOString(),
  };
}

/** First line that a program prints, nothing where it is not there. */
export function said(program: string, args: readonly string[]): string {
  try {
    const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return text.trim().split('\n')[0]!.trim();
  } catch {
    return '';
  }
}
