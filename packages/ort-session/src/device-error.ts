import { JudgeDecodingError } from '@judge-decoding/core';

/** What the runtime throws, with a code; errors of ours pass through. */
export function asDeviceError(error: unknown, what: string): JudgeDecodingError {
  if (JudgeDecodingError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new JudgeDecodingError(
    'device',
    `Expected ONNX Runtime to finish the ${what}, got: ${message}. The session is as before the call.`,
    { cause: error },
  );
}
