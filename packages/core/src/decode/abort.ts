import { JudgeDecodingError } from '../errors.ts';

/** A real `AbortSignal` fits. */
export interface AbortSignalLike {
  readonly aborted: boolean;
}

export function throwIfAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted)
    throw new JudgeDecodingError('aborted', 'The generation was aborted. The sessions stay usable.');
}
