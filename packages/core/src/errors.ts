/** Stable codes: programs switch on these, never on sentences. */
export type ErrorCode =
  | 'invalid-option'
  | 'invalid-input'
  | 'invalid-file'
  | 'not-found'
  | 'unsupported'
  | 'mismatch'
  | 'context-full'
  | 'busy'
  | 'disposed'
  | 'aborted'
  | 'device'
  | 'io';

const marker = Symbol.for('judge-decoding.error');

/**
 * The one error class of judge-decoding. The message says what was expected, what came, and
 * what to do next; the code is stable. Two copies of this package may meet at run time, so test
 * with `JudgeDecodingError.is`, which looks for a marker, rather than with `instanceof`. One of code
 * `aborted` has the usual name `AbortError`, and the signal's reason as its cause.
 */
export class JudgeDecodingError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    // the name by which everyone tells an abort, as fetch and timers do
    this.name = code === 'aborted' ? 'AbortError' : 'JudgeDecodingError';
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  static is(error: unknown, code?: ErrorCode): error is JudgeDecodingError {
    const ours = typeof error === 'object' && error !== null && marker in error;
    return ours && (code === undefined || (error as { code?: unknown }).code === code);
  }
}

/** "Expected `threshold` to be a number from 0 to 1, got `1.5` (number)." `next` says what to do, where there is more to say. */
export function invalidOption(name: string, expected: string, got: unknown, next = ''): JudgeDecodingError {
  return new JudgeDecodingError(
    'invalid-option',
    `Expected \`${name}\` to be ${expected}, got ${sayValue(got)}.${next}`,
  );
}

/** Longest text of a value that is shown. */
const MOST_SHOWN = 80;

function sayValue(value: unknown): string {
  if (typeof value === 'function') return `the function \`${value.name}\``;
  if (typeof value === 'object' && value !== null) {
    if ('then' in value) return 'a promise: put `await` before it';
    const { name } = (Object.getPrototypeOf(value) as object | null)?.constructor ?? {};
    return name === 'Object'
      ? `an object of ${Object.keys(value).slice(0, 5).join(', ') || 'nothing'}`
      : `an object (${name})`;
  }
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const short = shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}…` : shown;
  return `\`${short}\` (${value === null ? 'null' : typeof value})`;
}
