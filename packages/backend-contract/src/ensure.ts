import { type ErrorCode, JudgeDecodingError } from '@judge-decoding/core';

type Numbers = ArrayLike<number>;

/** The promise is broken unless `condition` holds. */
export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new JudgeDecodingError('mismatch', message);
}

/** Exactly the same: primitives, or arrays of them element by element. NaN equals NaN. */
export function ensureSame(actual: unknown, expected: unknown, what: string): void {
  if (isList(actual) && isList(expected)) {
    ensure(
      actual.length === expected.length,
      `${what}: expected ${expected.length} entries, got ${actual.length}`,
    );
    for (let index = 0; index < expected.length; index++) {
      // Rows of a large vocabulary are long: only a difference is worth a sentence.
      if (actual[index] === expected[index]) continue;
      ensureSame(actual[index], expected[index], `${what}[${index}]`);
    }
    return;
  }
  const same = actual === expected || (Number.isNaN(actual) && Number.isNaN(expected));
  ensure(same, `${what}: expected ${String(expected)}, got ${String(actual)}`);
}

/**
 * Every number within `tolerance` times `scale` of the one expected. The scale is 1 or the
 * largest magnitude expected, whichever is more, unless given. NaN is close to nothing.
 */
export function ensureClose(
  actual: Numbers,
  expected: Numbers,
  tolerance: number,
  what: string,
  scale = Math.max(1, largestMagnitude(expected)),
): void {
  ensure(
    actual.length === expected.length,
    `${what}: expected ${expected.length} entries, got ${actual.length}`,
  );
  for (let index = 0; index < expected.length; index++) {
    const got = actual[index]!;
    const wanted = expected[index]!;
    // The first test is for infinities, whose difference is NaN.
    const close = got === wanted || Math.abs(got - wanted) <= tolerance * scale;
    if (close) continue;
    ensure(false, `${what}[${index}]: expected ${wanted} to within ${tolerance * scale}, got ${got}`);
  }
}

/** The call is refused, now or later, with an error of judge-decoding of one of these codes. */
export async function ensureRejects(
  call: () => unknown,
  codes: readonly ErrorCode[],
  what: string,
): Promise<JudgeDecodingError> {
  const wanted = codes.join(' or ');
  let returned: unknown;
  try {
    returned = await call();
  } catch (error) {
    if (!JudgeDecodingError.is(error)) {
      throw new JudgeDecodingError(
        'mismatch',
        `${what}: expected an error of code ${wanted}, got ${String(error)}`,
        {
          cause: error,
        },
      );
    }
    ensure(
      codes.includes(error.code),
      `${what}: expected code ${wanted}, got ${error.code} (${error.message})`,
    );
    return error;
  }
  throw new JudgeDecodingError(
    'mismatch',
    `${what}: expected an error of code ${wanted}, got ${returned === undefined ? 'none' : 'a result'}`,
  );
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

function largestMagnitude(values: Numbers): number {
  let largest = 0;
  for (let index = 0; index < values.length; index++) {
    const magnitude = Math.abs(values[index]!);
    if (magnitude > largest && magnitude !== Number.POSITIVE_INFINITY) largest = magnitude;
  }
  return largest;
}
