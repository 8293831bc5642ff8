import { type ErrorCode, JudgeDecodingError } from '@judge-decoding/core';

/** What a shell sees. Documented in `judge --help`; programs may switch on these. */
export const EXIT = {
  ok: 0,
  /** A fault of ours: the message asks for a report. */
  unexpected: 1,
  /** A flag, its value, or an input such as an empty prompt. */
  usage: 2,
  /** A model or another file is missing, damaged, not supported, or cannot be written. */
  file: 3,
  /** Two things that do not belong together, or a replay that decided otherwise. */
  mismatch: 4,
  /** The prompt leaves no room in the context. */
  contextFull: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  'invalid-option': EXIT.usage,
  'invalid-input': EXIT.usage,
  'invalid-file': EXIT.file,
  'not-found': EXIT.file,
  unsupported: EXIT.file,
  device: EXIT.file,
  io: EXIT.file,
  mismatch: EXIT.mismatch,
  'context-full': EXIT.contextFull,
  aborted: EXIT.interrupted,
  busy: EXIT.unexpected,
  disposed: EXIT.unexpected,
};

export const exitCodeOf = (error: unknown): number =>
  JudgeDecodingError.is(error) ? (BY_CODE[error.code] ?? EXIT.unexpected) : EXIT.unexpected;

/** For the end of `judge --help`. */
export const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'done'],
  ['1', 'an unexpected fault: please report it'],
  ['2', 'a flag or an input that cannot be used'],
  ['3', 'a model or file that is missing, damaged, not supported, or cannot be written'],
  ['4', 'a mismatch: a head or draft of another model, or a replay that decided otherwise'],
  ['5', 'the prompt does not fit into the context'],
  ['130', 'interrupted with Ctrl-C: what was written so far is kept, statistics included'],
  ['143', 'the same by SIGTERM'],
];
