import { isRuleSpec, JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import { OLDEST_TRACE_VERSION, TRACE_FORMAT, TRACE_VERSION, type Trace } from './trace.ts';

/** A context of 131,072 tokens drafted one by one comes to about 60 MB. */
export const MAX_TRACE_BYTES = 128 * 1024 * 1024;

/**
 * Reads a trace from its JSON. Bounded and checked down to every token: traces travel between people.
 * `name` is what messages call the file. Errors: code `invalid-file`; a trace of another version is
 * refused with what to do about it.
 */
export function parseTrace(json: string, name: string): Trace {
  const bad = (what: string, cause?: unknown) =>
    new JudgeDecodingError('invalid-file', `${name} is no trace of judge decoding: ${what}.`, { cause });
  if (json.length > MAX_TRACE_BYTES)
    throw bad(`it has ${json.length} characters, at most ${MAX_TRACE_BYTES} are read`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw bad(json.trim() === '' ? 'it is empty' : 'it is not JSON', cause);
  }
  if (isObject(value) && value.format === TRACE_FORMAT && !isKnown(value.version)) {
    const next =
      typeof value.version === 'number' && value.version > TRACE_VERSION
        ? 'Open it with the release that wrote it, or a later one'
        : 'Write it again with `judge generate --trace`';
    throw new JudgeDecodingError(
      'invalid-file',
      `${name} is a trace of version ${JSON.stringify(value.version)}, this reader knows versions ${OLDEST_TRACE_VERSION} to ${TRACE_VERSION}. ${next}.`,
    );
  }
  const fault = faultOf(value);
  if (fault !== undefined) throw bad(fault);
  return value as Trace;
}

function faultOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is no object';
  if (value.format !== TRACE_FORMAT)
    return `its format is ${short(JSON.stringify(value.format))}, not ${TRACE_FORMAT}`;
  if (!isModel(value.target)) return 'its target is not described';
  if (value.draft !== 'ngram' && value.draft !== 'none' && !isModel(value.draft))
    return 'its draft is not described';
  if (typeof value.backend !== 'string') return 'its backend is not named';
  if (!isRuleSpec(value.verify)) return 'its rule is not described';
  if (!isObject(value.sampling) || typeof value.sampling.temperature !== 'number')
    return 'its sampling is not described';
  if (!isObject(value.guards)) return 'its guards are not described';
  if (value.head !== undefined && !isHead(value.head)) return 'its head is not described';
  if (typeof value.seed !== 'number') return 'its seed is missing';
  if (value.threads !== 'auto' && !Number.isInteger(value.threads)) return 'its threads are no number';
  if (value.prefill !== undefined && value.prefill !== 'exact' && value.prefill !== 'fast')
    return 'how its prompts were read is not described';
  if (!Array.isArray(value.stop) || !value.stop.every((text) => typeof text === 'string'))
    return 'its stop texts are no list of texts';
  if (!isTokens(value.prompt) || value.prompt.length === 0) return 'its prompt is no list of tokens';
  if (typeof value.finish !== 'string' || typeof value.text !== 'string')
    return 'its ending is not described';
  if (!isObject(value.pieces) || !Object.values(value.pieces).every(isPiece))
    return 'the texts of its tokens are no texts';
  if (!Array.isArray(value.rounds)) return 'its rounds are no list';
  const damaged = value.rounds.findIndex((round) => !isRound(round));
  return damaged < 0 ? undefined : `round ${damaged + 1} is damaged`;
}

const isKnown = (version: unknown): boolean =>
  Number.isInteger(version) &&
  (version as number) >= OLDEST_TRACE_VERSION &&
  (version as number) <= TRACE_VERSION;

const isRound = (round: unknown): boolean =>
  isObject(round) &&
  isTokens(round.draft) &&
  Array.isArray(round.scores) &&
  (round.scores.length === 0 || round.scores.length === round.draft.length) &&
  round.scores.every((score) => score === null || isScore(score)) &&
  Array.isArray(round.tokens) &&
  round.tokens.length <= round.draft.length + 1 &&
  round.tokens.every((token) => isObject(token) && isToken(token.id) && typeof token.source === 'string') &&
  Array.isArray(round.rows) &&
  round.rows.length === round.draft.length + 1 &&
  round.rows.every(isRow);

const isRow = (row: unknown): boolean =>
  isObject(row) &&
  isToken(row.choice) &&
  (row.drafted === undefined || row.drafted === null || Number.isFinite(row.drafted)) &&
  Number.isFinite(row.entropy) &&
  Number.isFinite(row.logSumExp) &&
  Array.isArray(row.top) &&
  row.top.every(
    (likely) =>
      Array.isArray(likely) && likely.length === 2 && isToken(likely[0]) && Number.isFinite(likely[1]),
  );

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isToken = (value: unknown): value is TokenId => Number.isInteger(value) && (value as number) >= 0;
const isTokens = (value: unknown): value is TokenId[] => Array.isArray(value) && value.every(isToken);
const isScore = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;
const isPiece = (value: unknown): boolean =>
  typeof value === 'string' ||
  (isObject(value) &&
    (typeof value.special === 'string' ||
      (typeof value.hex === 'string' && /^([0-9a-f]{2})*$/.test(value.hex))));
const isHead = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.file === 'string' &&
  typeof value.sha256 === 'string' &&
  isScore(value.threshold);
const isModel = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.folder === 'string' &&
  typeof value.dtype === 'string' &&
  typeof value.device === 'string' &&
  Number.isInteger(value.contextLength) &&
  (value.exact === undefined || typeof value.exact === 'boolean') &&
  isTokens(value.endTokens) &&
  isTokens(value.specialTokens) &&
  isObject(value.fingerprint);
const short = (text: string | undefined): string =>
  text === undefined ? 'missing' : text.length > 60 ? `${text.slice(0, 60)}…` : text;
