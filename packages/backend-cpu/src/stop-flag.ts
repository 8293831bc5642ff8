import type { AbortSignalLike } from '@judge-decoding/core';

/**
 * A number that both threads see. Messages wait until the worker has answered the question before
 * them; this does not, so a graph that is being written can be given up.
 */
export const stopFlag = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

export const raise = (flag: Int32Array): void => {
  Atomics.store(flag, 0, 1);
};

/** The worker's end of a flag. */
export const signalFrom = (flag: Int32Array | undefined): AbortSignalLike | undefined =>
  flag === undefined
    ? undefined
    : {
        get aborted() {
          return Atomics.load(flag, 0) === 1;
        },
      };
