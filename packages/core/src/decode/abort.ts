import { JudgeDecodingError } from '../errors.ts';

/** A real `AbortSignal` fits. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  /** Why; it becomes the error's `cause`. */
  readonly reason?: unknown;
}

/** An error of code `aborted`, whose name is `AbortError` and whose cause is the signal's reason. */
export function throwIfAborted(signal: AbortSignalLike | undefined): void {
  if (!signal?.aborted) return;
  throw new JudgeDecodingError('aborted', 'The generation was aborted. The sessions stay usable.', {
    cause: signal.reason,
  });
}
