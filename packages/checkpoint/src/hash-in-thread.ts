import { Worker } from 'node:worker_threads';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { SlowHash } from './fingerprints.ts';

/** What the thread runs: bytes are counted in, an empty message asks for the digest. */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const hash = require('node:crypto').createHash('sha256');
parentPort.on('message', (bytes) => {
  if (bytes !== undefined) hash.update(bytes);
  parentPort.postMessage(bytes === undefined ? hash.digest('hex') : undefined);
});
`;

/** Parts that wait for the thread; more would only take memory. */
const MOST_WAITING = 3;

/**
 * sha256 in a thread of its own, so that the caller's goes on meanwhile: reading, or filling a device. The
 * arrays handed in are given away where they own all of their memory.
 *
 * @throws JudgeDecodingError `device` from `update` and `digest` where the thread ended before its time.
 */
export function hashInThread(): SlowHash & { dispose(): Promise<void> } {
  // options of the calling process, such as loaders, are not for a program without modules
  const worker = new Worker(PROGRAM, { eval: true, execArgv: [], name: 'judge-decoding hash' });
  const answered: ((digest: string) => void)[] = [];
  let broken: Error | undefined;
  let refuse: (cause: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  failed.catch(() => undefined);
  const end = (cause: Error) => {
    broken ??= cause;
    refuse(cause);
  };
  worker.on('message', (digest: string) => answered.shift()?.(digest));
  worker.on('error', (cause: Error) => end(hashingEnded(cause)));
  worker.on('exit', () => end(hashingEnded()));
  const last: Promise<string>[] = [];
  const send = (bytes: Uint8Array | undefined): Promise<string> => {
    if (broken !== undefined) return failed;
    const answer = new Promise<string>((resolve) => answered.push(resolve));
    const whole = bytes !== undefined && bytes.byteLength === bytes.buffer.byteLength;
    worker.postMessage(bytes, whole ? [bytes.buffer as ArrayBuffer] : []);
    return Promise.race([answer, failed]);
  };
  return {
    async update(bytes) {
      const taken = send(bytes);
      // who gives up asks no more; where it matters, `update` or `digest` says it
      taken.catch(() => undefined);
      last.push(taken);
      if (last.length > MOST_WAITING) await last.shift();
    },
    digest: () => send(undefined),
    async dispose() {
      await worker.terminate();
    },
  };
}

const hashingEnded = (cause?: Error) =>
  new JudgeDecodingError(
    'device',
    `Expected the thread that hashes the weights to stay, it ended${cause === undefined ? '' : `: ${cause.message}`}. Open the model again.`,
    cause === undefined ? {} : { cause },
  );
