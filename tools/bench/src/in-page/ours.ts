import {
  type BrowserDevice,
  type BrowserModel,
  type BrowserThread,
  type ModelLocation,
  webgpuBackend,
} from '@judge-decoding/backend-webgpu/browser';
import {
  type CachedText,
  cachedText,
  exactMatch,
  GREEDY,
  judged,
  type Rule,
  readHead,
  rule,
  strict,
} from '@judge-decoding/core';
import type { Written } from '../in-turns.ts';
import { writeWith } from '../write-with.ts';

interface Open {
  readonly target: BrowserModel;
  readonly draft?: BrowserModel;
  readonly judge?: Rule;
  /** What holds the prompt that was kept last. */
  kept?: CachedText;
}

export interface OpenOptions {
  readonly device: BrowserDevice;
  readonly dtype?: 'auto' | 'fp32' | 'int8' | 'int4';
  readonly threads?: number;
  readonly contextLength?: number;
  /** Addresses; of the target also files that were picked. */
  readonly target: ModelLocation;
  readonly draft?: string;
  readonly head?: string;
  /** What runs the draft; the target's device when absent. */
  readonly draftDevice?: BrowserDevice;
  readonly thread?: BrowserThread;
}

let ours: Open | undefined;

export const opened = (): Open => ours!;

/** Opens a pair; says in how many milliseconds, and what is known of the target. */
export async function openOurs({
  device,
  draftDevice = device,
  dtype,
  threads,
  contextLength,
  thread,
  target: at,
  draft: draftAt,
  head,
}: OpenOptions): Promise<{ readonly milliseconds: number; readonly info: object; readonly details: object }> {
  const start = performance.now();
  const threadOn = (on: BrowserDevice) => (thread === undefined || on !== 'wasm' ? {} : { thread });
  const options = {
    ...(dtype === undefined ? {} : { dtype }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(threads === undefined ? {} : { threads }),
  };
  const target = await webgpuBackend({ device, ...options, ...threadOn(device) }).open(at);
  const draft =
    draftAt === undefined
      ? undefined
      : await webgpuBackend({ device: draftDevice, ...threadOn(draftDevice) }).open(draftAt);
  const file = head === undefined ? undefined : new Uint8Array(await (await fetch(head)).arrayBuffer());
  ours = {
    target,
    ...(draft === undefined ? {} : { draft }),
    ...(file === undefined ? {} : { judge: rule(exactMatch(), judged(readHead(file))) }),
  };
  return { milliseconds: performance.now() - start, info: target.info, details: target.details };
}

export async function closeOurs(): Promise<void> {
  await ours?.kept?.session.dispose();
  await ours?.target.dispose();
  await ours?.draft?.dispose();
  ours = undefined;
}

export interface WriteOptions {
  readonly mode: 'plain' | 'strict' | 'judge';
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  readonly draftLength?: number;
  readonly leastProbability?: number | undefined;
  /** Writes so many tokens whatever they are. */
  readonly endless?: boolean;
  /** Reads the prompt once for all texts behind it. */
  readonly keep?: boolean;
}

export async function writeOurs({
  mode,
  prompt,
  maxTokens,
  draftLength = 16,
  leastProbability,
  endless = false,
  keep = false,
}: WriteOptions): Promise<Written> {
  const { target, draft, judge } = ours!;
  if (keep) ours!.kept ??= cachedText(await target.openSession());
  return writeWith(target, mode === 'plain' ? undefined : draft!, {
    prompt,
    maxTokens,
    draftLength,
    leastProbability,
    endless,
    ...(keep ? { kept: ours!.kept } : {}),
    onRead: (tokens) => console.info(`ours has read ${tokens} of ${prompt.length}`),
    rule: mode === 'judge' ? judge! : strict(GREEDY),
  });
}
