import { type ErrorCode, JudgeDecodingError } from '@judge-decoding/core';
import { expect } from 'vitest';

/** Runs `action` and expects our error with this code and all of these words in its sentence. */
export async function expectRefusal(
  action: () => unknown,
  code: ErrorCode,
  ...words: readonly string[]
): Promise<void> {
  let error: unknown;
  try {
    await action();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, 'expected a refusal, got none').toBeDefined();
  if (!JudgeDecodingError.is(error)) throw error;
  expect(error.code).toBe(code);
  for (const word of words) expect(error.message).toContain(word);
}
