import { basename } from 'node:path';
import {
  architectureFingerprint,
  firstDifference,
  type ModelConfig,
  openCheckpoint,
  type Tokenizer,
} from '@judge-decoding/checkpoint';
import {
  checkHead,
  JudgeDecodingError,
  type JudgeHead,
  type Model,
  type ModelInfo,
  throwIfAborted,
} from '@judge-decoding/core';
import { badFlag } from '../options/flag-value.ts';
import { checkDraftIsNoNumber, MOST_CONTEXT_BY_DEFAULT, type ModelFlags } from '../options/model-flags.ts';
import { type EmbeddedPair, requireEmbeddedPair } from '../pocket/embedded-pair.ts';
import type { World } from '../world.ts';
import {
  type BackendEntry,
  type BackendFlags,
  checkNorm,
  chooseBackend,
  DRAFTS_ON,
  type OpenModelRequest,
} from './backends.ts';
import { cannotKeep, cacheFolder as findCacheFolder } from './cache-folder.ts';
import { modelFolder } from './model-folder.ts';
import { openPlaced } from './place-draft.ts';
import { checkPrefill, FAST_PREFILL_SAID, prefillOf } from './prefill.ts';
import { sayOpening } from './say-opening.ts';

export interface OpenedModel {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly folder: string;
  /** Tokens that it could hold; it was opened for as many or fewer. */
  readonly mostContext: number;
}

/** A target, and what proposes for it. */
export interface Pair {
  readonly target: OpenedModel;
  readonly draft: OpenedModel | 'ngram' | 'none';
  /** What runs the target. */
  readonly backend: string;
  /** What runs a draft model; the target's where nobody said. */
  readonly draftBackend: string;
  readonly threads: number | undefined;
  /** How prompts are read: `fast` where it was asked for. */
  readonly prefill: 'exact' | 'fast';
  readonly cacheFolder: string;
  /** Set where the target is the one that comes with judge-decoding. */
  readonly embedded: EmbeddedPair | undefined;
  dispose(): Promise<void>;
}

export interface OpenPairOptions {
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** Told what a user should know and what stops nothing; a line on stderr unless given. */
  readonly onNotice?: (text: string) => void;
  /** Gives up: models that are open already are closed again. */
  readonly signal?: AbortSignal | undefined;
  /** Whether plain decoding is measured beside it, which then has the same passes. */
  readonly compare?: boolean | undefined;
  /** The draft's passes exact, too: where its rows are kept for whoever comes to the same text. */
  readonly exactDraft?: boolean | undefined;
  /** Held against the target before any weight is loaded. */
  readonly head?: JudgeHead | undefined;
}

/** What can be said about them without looking for any file. */
export function checkModelFlags(
  flags: ModelFlags,
  backends: World['backends'],
): { readonly target: BackendEntry; readonly draft: BackendEntry } {
  checkDraftIsNoNumber(flags.draft);
  const target = chooseBackend(backends, flags);
  checkPrefill(flags, target, backends);
  return { target, draft: chooseBackend(backends, draftFlags(flags), DRAFT_FLAGS) };
}

const DRAFT_FLAGS = { backend: '--draft-backend', device: '--draft-device', dtype: '--draft-dtype' };

/** The draft's own flags, else the target's; those do not hold where another backend runs it. */
export function draftFlags(flags: ModelFlags): BackendFlags {
  const backend = flags.draftBackend ?? DRAFTS_ON[flags.backend]?.[0] ?? flags.backend;
  const alike = backend === flags.backend;
  const device = flags.draftDevice ?? (alike ? flags.device : undefined);
  const dtype = flags.draftDtype ?? (alike ? flags.dtype : undefined);
  return {
    backend,
    ...(device === undefined ? {} : { device }),
    ...(dtype === undefined ? {} : { dtype }),
  };
}

/** Opens what the flags name. Tokenizers are compared before any weight is loaded. */
export async function openPair(
  flags: ModelFlags,
  { terminal, backends }: World,
  {
    onProgress,
    onNotice = (text) => terminal.err.write(`note: ${text}\n`),
    signal,
    head,
    compare = false,
    exactDraft = false,
  }: OpenPairOptions = {},
): Promise<Pair> {
  const { env } = terminal;
  const entries = checkModelFlags(flags, backends);
  const ofDraft = draftFlags(flags);
  const embedded = flags.target === undefined ? await requireEmbeddedPair(env) : undefined;
  const targetFolder = embedded?.target ?? modelFolder(flags.target!, '--target', env);
  const draftNamed = flags.draft ?? embedded?.draft ?? 'none';
  const draftFolder =
    draftNamed === 'none' || draftNamed === 'ngram'
      ? undefined
      : (flags.draft ?? '') === ''
        ? draftNamed
        : modelFolder(draftNamed, '--draft', env);

  if (flags.prefill === 'fast') onNotice(FAST_PREFILL_SAID);
  const { folder: cacheFolder, fault } = await findCacheFolder(env);
  if (fault !== undefined) onNotice(cannotKeep(cacheFolder, fault));
  const [target, draft] = await Promise.all([
    inspect(targetFolder, cacheFolder),
    draftFolder === undefined ? undefined : inspect(draftFolder, cacheFolder),
  ]);
  if (draft) checkTokenizers(target, draft);
  if (head) {
    checkNorm(head, flags.backend, entries.target);
    checkHeadEarly(head, target);
  }
  throwIfAborted(signal);
  const contextLength = contextOf(flags, target);
  const opening = sayOpening(draft ? [target.name, draft.name] : [target.name], onProgress);
  const open = (
    entry: BackendEntry,
    { folder, contextLength: most }: Inspected,
    { device, dtype }: Pick<BackendFlags, 'device' | 'dtype'>,
    own: Pick<OpenModelRequest, 'threads' | 'exact'> = {},
  ) =>
    openModel(
      entry,
      {
        folder,
        contextLength: Math.min(contextLength, most),
        ...own,
        device,
        dtype,
        cacheFolder,
        prefill: prefillOf(flags, entry),
        signal,
      },
      opening.onProgress,
    );
  // one rule: with a draft, or beside plain decoding, both write the same text where nobody says otherwise
  const exact = compare || draftNamed !== 'none' ? 'quantised' : undefined;
  // the draft decides no token, so its last bits do not matter; it is small and gains nothing from more threads: the backend knows how many it needs
  const openDraft = async (opened: Inspected): Promise<PlacedDraft> => {
    const places = placesOf(flags);
    const own = exactDraft ? { exact: true } : {};
    // where draft and target share what they read no time is measured, and no place is better
    if (places.length < 2 || exactDraft) {
      const alone = flags.draftDevice === undefined ? firstOf(ofDraft.device) : undefined;
      const model = await open(entries.draft, opened, ofDraft, own).catch((error: unknown) => {
        if (alone === undefined || !JudgeDecodingError.is(error, 'unsupported')) throw error;
        onNotice(`the draft runs on ${alone} alone, the target on ${ofDraft.device}: ${error.message}`);
        return open(entries.draft, opened, { ...ofDraft, device: alone }, own);
      });
      return { model, backend: ofDraft.backend };
    }
    const { model, placement } = await openPlaced({
      key: [opened.folder, opened.config, flags.draftDtype],
      places,
      open: (backend) => {
        const own = { ...flags, draftBackend: backend };
        return open(chooseBackend(backends, draftFlags(own), DRAFT_FLAGS), opened, draftFlags(own));
      },
      cacheFolder,
      now: () => terminal.now(),
    });
    return { model, backend: placement.chosen };
  };
  const [targetModel, placed] = await settled([
    open(entries.target, target, flags, { threads: flags.threads, exact: flags.exact ?? exact }),
    draft === undefined ? undefined : openDraft(draft),
  ]).finally(opening.end);
  const draftModel = placed?.model;
  return {
    target: {
      model: targetModel,
      tokenizer: target.tokenizer,
      folder: targetFolder,
      mostContext: target.contextLength,
    },
    draft:
      draft === undefined || draftModel === undefined
        ? (draftNamed as 'none' | 'ngram')
        : {
            model: draftModel,
            tokenizer: draft.tokenizer,
            folder: draft.folder,
            mostContext: draft.contextLength,
          },
    backend: flags.backend,
    draftBackend: placed?.backend ?? ofDraft.backend,
    threads: flags.threads,
    prefill: prefillOf(flags, entries.target) ?? 'exact',
    cacheFolder,
    embedded,
    async dispose() {
      await Promise.all([targetModel.dispose(), draftModel?.dispose()]);
    },
  };
}

interface PlacedDraft {
  readonly model: Model;
  readonly backend: string;
}

/** The first of several GPUs: a small draft's few heads need not divide by as many as the target's do. */
const firstOf = (device: string | undefined): string | undefined =>
  device?.includes(',') ? device.slice(0, device.indexOf(',')) : undefined;

/** Backends among which the draft's is chosen by trying them: where nobody has said anything of it. */
const placesOf = ({ backend, draftBackend, draftDevice }: ModelFlags): readonly string[] =>
  draftBackend === undefined && draftDevice === undefined ? (DRAFTS_ON[backend] ?? []) : [];

interface Inspected {
  readonly folder: string;
  readonly name: string;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly contextLength: number;
}

async function inspect(folder: string, cacheFolder: string): Promise<Inspected> {
  const checkpoint = await openCheckpoint(folder, { cacheFolder });
  await checkpoint.dispose();
  const { name, config, tokenizer } = checkpoint;
  return { folder, name, config, tokenizer, contextLength: config.contextLength };
}

/** All but its weights, which only the loaded model knows: those are compared when it generates. */
function checkHeadEarly(head: JudgeHead, { name, config, tokenizer }: Inspected): void {
  const architecture = architectureFingerprint(config);
  const known: Partial<ModelInfo> = {
    name,
    hiddenSize: config.hiddenSize,
    dtype: 'unknown',
    // those that a model has: what a backend offers of them only the opened model knows
    layersOffered: Array.from({ length: config.layers - 1 }, (_, layer) => layer + 1),
    fingerprint: { architecture, tokenizer: tokenizer.fingerprint, weights: 'unknown' },
  };
  checkHead(head, known as ModelInfo, { allowOtherWeights: true });
}

function checkTokenizers(target: Inspected, draft: Inspected): void {
  const difference = firstDifference(target.tokenizer, draft.tokenizer);
  if (difference === undefined) return;
  const { id, first, second } = difference;
  const say = (token: string | undefined) => (token === undefined ? 'missing' : JSON.stringify(token));
  throw new JudgeDecodingError(
    'mismatch',
    `Expected the draft to have the target’s tokenizer, they differ first at token ${id}: ${say(first)} in ${target.folder}, ${say(second)} in ${draft.folder}. Use two models of one family.`,
  );
}

function contextOf({ context }: ModelFlags, { folder, contextLength }: Inspected): number {
  if (context === undefined) return Math.min(contextLength, MOST_CONTEXT_BY_DEFAULT);
  if (context <= contextLength) return context;
  throw badFlag('--context', `at most ${contextLength}, which is what ${folder} holds`, String(context));
}

async function openModel(
  entry: BackendEntry,
  request: Omit<Parameters<BackendEntry['open']>[0], 'onProgress'>,
  onProgress: OpenPairOptions['onProgress'],
): Promise<Model> {
  return entry.open({
    ...request,
    ...(onProgress
      ? { onProgress: (done, total) => onProgress(entry.opening(basename(request.folder)), done, total) }
      : {}),
  });
}

/** Target and draft, or neither: where one cannot be opened, the other is closed again. */
async function settled([opening, placing]: readonly [
  Promise<Model>,
  Promise<PlacedDraft> | undefined,
]): Promise<readonly [Model, PlacedDraft | undefined]> {
  const [target, draft] = await Promise.allSettled([opening, placing]);
  if (target.status === 'fulfilled' && draft.status === 'fulfilled') return [target.value, draft.value];
  if (target.status === 'fulfilled') await target.value.dispose();
  if (draft.status === 'fulfilled') await draft.value?.model.dispose();
  throw target.status === 'rejected' ? target.reason : (draft as PromiseRejectedResult).reason;
}
