import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import {
  type CommittedToken,
  type Fingerprint,
  type GuardOptions,
  headFor,
  isRuleSpec,
  JudgeDecodingError,
  type ModelInfo,
  type RoundResult,
  type RuleSpec,
  type SamplingOptions,
  type TokenId,
  writeHead,
} from '@judge-decoding/core';
import type { Setup } from '../run/setup.ts';

/** Every round of one generation: enough to ask another machine for the same decisions. */
export interface Trace {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly target: TracedModel;
  readonly draft: TracedModel | 'ngram' | 'none';
  readonly backend: string;
  readonly threads: number | 'auto';
  readonly verify: RuleSpec;
  /** What a judge needs to be the same one. */
  readonly head?: { readonly file: string; readonly sha256: string; readonly threshold: number };
  readonly sampling: SamplingOptions;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly guards: GuardOptions;
  readonly maxTokens?: number;
  readonly prompt: readonly TokenId[];
  readonly rounds: readonly TracedRound[];
  /** Why the text ended; `interrupted` or `failed` where it was cut short. */
  readonly finish: string;
  readonly text: string;
}

export interface TracedModel {
  readonly folder: string;
  readonly dtype: string;
  readonly device: string;
  readonly contextLength: number;
  /** Whether passes of every width had the same bits. */
  readonly exact?: boolean;
  readonly fingerprint: Fingerprint;
}

export interface TracedRound {
  readonly draft: readonly TokenId[];
  readonly tokens: readonly CommittedToken[];
  /** Judge scores of all drafted tokens; null where one was not a number. */
  readonly scores: readonly (number | null)[];
}

const FORMAT = 'judge-decoding.trace';
const VERSION = 1;
/** A context of 131,072 tokens drafted one by one comes to about 20 MB. */
const MAX_TRACE_BYTES = 64 * 1024 * 1024;

export const tracedRound = ({ round, tokens, scores }: RoundResult): TracedRound => ({
  draft: [...round.draft],
  tokens,
  scores: scores.map((score) => (Number.isNaN(score) ? null : score)),
});

export function traceOf(
  { pair, verification, head, sampling, seed, stop, maxTokens }: Setup,
  { finish, text }: { readonly finish: string; readonly text: string },
  prompt: readonly TokenId[],
  rounds: readonly TracedRound[],
): Trace {
  const { target, draft } = pair;
  return {
    format: FORMAT,
    version: VERSION,
    target: traced(target.folder, target.model.info),
    draft: typeof draft === 'string' ? draft : traced(draft.folder, draft.model.info),
    backend: pair.backend,
    threads: pair.threads ?? 'auto',
    verify: verification.spec,
    ...(head
      ? {
          head: {
            file: verification.head ?? pair.embedded?.head ?? '',
            sha256: createHash('sha256').update(writeHead(head)).digest('hex'),
            threshold: headFor(head, target.model.info).threshold,
          },
        }
      : {}),
    sampling,
    seed,
    stop,
    guards: verification.guards,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    prompt,
    rounds,
    finish,
    text,
  };
}

const traced = (
  folder: string,
  { dtype, device, contextLength, exact, fingerprint }: ModelInfo,
): TracedModel => ({
  folder,
  dtype,
  device,
  contextLength,
  ...(exact === undefined ? {} : { exact }),
  fingerprint,
});

/** Reads what a `TraceSink` wrote. Bounded and checked: traces travel between people. */
export async function readTrace(path: string): Promise<Trace> {
  const bad = (what: string, cause?: unknown) =>
    new JudgeDecodingError('invalid-file', `${path} is no trace of judge decoding: ${what}.`, { cause });
  let json: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_TRACE_BYTES) throw bad(`it has ${size} bytes, at most ${MAX_TRACE_BYTES} are read`);
    json = await readFile(path, 'utf8');
  } catch (cause) {
    if (JudgeDecodingError.is(cause)) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new JudgeDecodingError(
      missing ? 'not-found' : 'io',
      missing
        ? `Expected a trace at ${path}, found nothing. \`judge generate --trace FILE\` writes one.`
        : `Expected to read the trace ${path}, got: ${(cause as Error).message}.`,
      { cause },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw bad('it is not JSON', cause);
  }
  const fault = faultOf(value);
  if (fault !== undefined) throw bad(fault);
  return value as Trace;
}

/** What is wrong with it, checked down to every token. */
function faultOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is no object';
  if (value.format !== FORMAT) return `its format is ${JSON.stringify(value.format)}, not ${FORMAT}`;
  if (value.version !== VERSION)
    return `its version is ${JSON.stringify(value.version)}, this reader knows ${VERSION}`;
  if (!isModel(value.target)) return 'its target is not described';
  if (value.draft !== 'ngram' && value.draft !== 'none' && !isModel(value.draft))
    return 'its draft is not described';
  if (!isRuleSpec(value.verify)) return 'its rule is not described';
  if (!isObject(value.sampling) || typeof value.sampling.temperature !== 'number')
    return 'its sampling is not described';
  if (!isObject(value.guards)) return 'its guards are not described';
  if (value.head !== undefined && !isHead(value.head)) return 'its head is not described';
  if (typeof value.seed !== 'number') return 'its seed is missing';
  if (value.threads !== 'auto' && !Number.isInteger(value.threads)) return 'its threads are no number';
  if (!Array.isArray(value.stop) || !value.stop.every((text) => typeof text === 'string'))
    return 'its stop texts are no list of texts';
  if (!isTokens(value.prompt) || value.prompt.length === 0) return 'its prompt is no list of tokens';
  if (!Array.isArray(value.rounds)) return 'its rounds are no list';
  for (const [index, round] of value.rounds.entries()) {
    const sound =
      isObject(round) &&
      isTokens(round.draft) &&
      Array.isArray(round.scores) &&
      round.scores.every((score) => score === null || isScore(score)) &&
      Array.isArray(round.tokens) &&
      round.tokens.every((token) => isObject(token) && isToken(token.id) && typeof token.source === 'string');
    if (!sound) return `round ${index + 1} is damaged`;
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isToken = (value: unknown): value is TokenId => Number.isInteger(value) && (value as number) >= 0;
const isTokens = (value: unknown): value is TokenId[] => Array.isArray(value) && value.every(isToken);
const isScore = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;
const isHead = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.file === 'string' &&
  typeof value.sha256 === 'string' &&
  isScore(value.threshold);
const isModel = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.folder === 'string' &&
  typeof value.dtype === 'string' &&
  Number.isInteger(value.contextLength) &&
  (value.exact === undefined || typeof value.exact === 'boolean') &&
  isObject(value.fingerprint);
