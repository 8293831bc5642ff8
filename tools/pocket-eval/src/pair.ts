import { cpuBackend } from '@judge-decoding/backend-cpu';
import { openCheckpoint, type Tokenizer } from '@judge-decoding/checkpoint';
import type { Model } from '@judge-decoding/core';
import { DOMAINS, pocketProblem, type Split, type TokenProblem } from '@judge-decoding/tasks';

export interface Pair {
  readonly target: Model;
  readonly draft: Model;
  readonly tokenizer: Tokenizer;
  dispose(): Promise<void>;
}

export interface PairOptions {
  readonly folder: string;
  readonly threads: number;
  readonly draftThreads: number;
}

/** Opens the folders `target` and `draft` on the CPU. */
export async function openPair({ folder, threads, draftThreads }: PairOptions): Promise<Pair> {
  const tokenizer = await openTokenizer(folder);
  const backend = cpuBackend();
  const target = await backend.open(`${folder}/target`, { threads });
  const draft = await backend.open(`${folder}/draft`, { threads: draftThreads });
  return {
    target,
    draft,
    tokenizer,
    async dispose() {
      await target.dispose();
      await draft.dispose();
    },
  };
}

export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const checkpoint = await openCheckpoint(`${folder}/target`);
  await checkpoint.dispose();
  return checkpoint.tokenizer;
}

/** `count` problems of every domain, domains taking turns. */
export const pocketProblems = (
  split: Split,
  from: number,
  count: number,
  tokenizer: Tokenizer,
): TokenProblem[] =>
  Array.from({ length: count * DOMAINS.length }, (_, i) =>
    pocketProblem(
      { split, domain: DOMAINS[i % DOMAINS.length]!, index: from + Math.floor(i / DOMAINS.length) },
      tokenizer,
    ),
  );
