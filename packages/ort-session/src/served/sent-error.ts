import { JudgeDecodingError } from '@judge-decoding/core';
import type { SentError } from './protocol.ts';

/** An error as plain data, for another thread; what is none of ours is of code `device`. */
export function sentError(error: unknown): SentError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    code: JudgeDecodingError.is(error) ? error.code : 'device',
    message,
    ...(stack === undefined ? {} : { stack }),
  };
}

/** The error again, with the worker's stack as its cause. */
export function receivedError({ code, message, stack }: SentError): JudgeDecodingError {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  return new JudgeDecodingError(code, message, { cause });
}
