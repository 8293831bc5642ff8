import { JudgeDecodingError } from '@judge-decoding/core';
import { LABEL_MORE } from '@judge-decoding/train';

/** A fit; where it lacks labels, what is said ends with how to come by more, in flags. */
export async function fitOr<T>(fit: Promise<T>, more: () => string): Promise<T> {
  try {
    return await fit;
  } catch (cause) {
    if (!JudgeDecodingError.is(cause, 'invalid-input') || !cause.message.endsWith(LABEL_MORE)) throw cause;
    throw new JudgeDecodingError(cause.code, cause.message.replace(LABEL_MORE, more()), { cause });
  }
}
