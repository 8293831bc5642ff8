import { type CpuModel, type CpuOptions, cpuBackend } from '@judge-decoding/backend-cpu';
import { openCheckpoint, type Tokenizer } from '@judge-decoding/checkpoint';

export interface PairOptions {
  /** Folders or GGUF files. */
  readonly target: string;
  readonly draft: string;
  readonly dtype: NonNullable<CpuOptions['dtype']>;
  readonly threads: number;
}

export interface Pair {
  readonly target: CpuModel;
  readonly draft: CpuModel;
  readonly tokenizer: Tokenizer;
  dispose(): Promise<void>;
}

/** Longest prompt, longest answer and a draft, with room. */
const CONTEXT = 1024;

/** Opens both on the CPU, exact, so that what shall be a model's own text can be it; graphs stay in the cache folder. */
export async function openPair(options: PairOptions): Promise<Pair> {
  const { dtype, threads } = options;
  const checkpoint = await openCheckpoint(options.target);
  await checkpoint.dispose();
  const backend = cpuBackend({ dtype, threads, contextLength: CONTEXT, exact: true });
  const target = await backend.open(options.target);
  const draft = await backend.open(options.draft);
  return {
    target,
    draft,
    tokenizer: checkpoint.tokenizer,
    async dispose() {
      await target.dispose();
      await draft.dispose();
    },
  };
}
