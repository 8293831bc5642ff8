import type { Tokenizer } from '@judge-decoding/checkpoint';
import { JudgeDecodingError, type JudgeHead, type Model } from '@judge-decoding/core';
import { MOST_CONTEXT_BY_DEFAULT, type ModelFlags } from '../options/model-flags.ts';
import type { BackendEntry, BackendFlags } from '../pair/backends.ts';
import { cacheFolder } from '../pair/cache-folder.ts';
import { checkModelFlags, draftFlags, openPair } from '../pair/open-pair.ts';
import { FAST_PREFILL_SAID, prefillOf } from '../pair/prefill.ts';
import type { World } from '../world.ts';

/** What a measurement runs: models that are open, and how to read and write their texts. */
export interface RunPair {
  readonly target: Model;
  readonly draft: Model | 'ngram' | 'none';
  /** Absent where the weights are made up: then there are no texts. */
  readonly tokenizer: Tokenizer | undefined;
  readonly backend: string;
  /** What it runs on, in words. */
  readonly device: string;
  /** The head that comes with the pair, if one does. */
  readonly ownHead: string | undefined;
  dispose(): Promise<void>;
}

const SYNTHETIC = 'synthetic:';

export const isSynthetic = (model: string | undefined): boolean => model?.startsWith(SYNTHETIC) === true;

export interface OpenRunOptions {
  readonly heads?: readonly JudgeHead[];
  readonly exactDraft?: boolean | undefined;
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** Told what a user should know and what stops nothing. */
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Opens what the flags name. Models of made-up weights (`synthetic:llama-3.1-8b:int8`) are opened by
 * backends that say they can (`BackendEntry.synthetic`); a new backend needs no other change here.
 */
export async function openRunPair(
  flags: ModelFlags & { readonly synthetic?: string },
  world: World,
  options: OpenRunOptions = {},
): Promise<RunPair> {
  const target = flags.synthetic === undefined ? flags.target : asSynthetic(flags.synthetic);
  if (isSynthetic(target)) return openSynthetic({ ...flags, target: target! }, world, options);
  const pair = await openPair(flags, world, { ...options, head: options.heads?.[0], compare: true });
  return {
    target: pair.target.model,
    draft: typeof pair.draft === 'string' ? pair.draft : pair.draft.model,
    tokenizer: pair.target.tokenizer,
    backend: pair.backend,
    device: pair.target.model.info.device,
    ownHead: pair.embedded?.head,
    dispose: () => pair.dispose(),
  };
}

const asSynthetic = (shape: string): string => (isSynthetic(shape) ? shape : `${SYNTHETIC}${shape}`);

async function openSynthetic(
  flags: ModelFlags & { readonly target: string },
  world: World,
  { onProgress, onNotice = (text) => world.terminal.err.write(`note: ${text}\n`), signal }: OpenRunOptions,
): Promise<RunPair> {
  const { target: entry, draft: draftEntry } = checkModelFlags(flags, world.backends);
  const ofDraft = draftFlags(flags);
  const made = [entry, ...(flags.draft === undefined || flags.draft === 'ngram' ? [] : [draftEntry])];
  if (made.some(({ synthetic }) => synthetic !== true))
    throw new JudgeDecodingError(
      'unsupported',
      `Expected a backend that makes up weights for ${flags.target}, ${entry.synthetic === true ? ofDraft.backend : flags.backend} runs models from files. Backends that do: ${
        Object.entries(world.backends)
          .filter(([, each]) => each.synthetic === true)
          .map(([name]) => name)
          .join(', ') || 'none in this version'
      }.`,
    );
  if (flags.prefill === 'fast') onNotice(FAST_PREFILL_SAID);
  const { folder: cache } = await cacheFolder(world.terminal.env);
  const open = (
    by: BackendEntry,
    folder: string,
    { device, dtype }: Pick<BackendFlags, 'device' | 'dtype'>,
  ): Promise<Model> =>
    by.open({
      folder,
      contextLength: flags.context ?? MOST_CONTEXT_BY_DEFAULT,
      threads: flags.threads,
      device,
      dtype,
      cacheFolder: cache,
      exact: flags.exact,
      prefill: prefillOf(flags, by),
      signal,
      ...(onProgress === undefined
        ? {}
        : { onProgress: (done, total) => onProgress(by.opening(folder), done, total) }),
    });
  const target = await open(entry, flags.target, flags);
  const named = flags.draft ?? 'none';
  const draft =
    named === 'none' || named === 'ngram'
      ? named
      : await open(draftEntry, asSynthetic(named), ofDraft).catch(async (error) => {
          await target.dispose();
          throw error;
        });
  return {
    target,
    draft,
    tokenizer: undefined,
    backend: flags.backend,
    device: target.info.device,
    ownHead: undefined,
    async dispose() {
      await Promise.all([target.dispose(), typeof draft === 'string' ? undefined : draft.dispose()]);
    },
  };
}
