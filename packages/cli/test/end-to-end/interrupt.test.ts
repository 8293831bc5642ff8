import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { JudgeDecodingError, type Model } from '@judge-decoding/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKENDS, type Backends, type OpenModelRequest } from '../../src/pair/backends.ts';
import { type JudgeRun, runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
beforeAll(async () => {
  pair = await tinyPair();
});
afterAll(() => pair.dispose());

const models = () => ['--target', pair.target, '--draft', pair.draft];

/** Opens nothing until it is told to stop, as a large model takes its time. */
function slowBackend(onOpen: () => void): { readonly backends: Backends; readonly stopped: () => number } {
  let stopped = 0;
  const open = ({ signal }: OpenModelRequest): Promise<Model> =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        stopped++;
        reject(new JudgeDecodingError('aborted', 'given up'));
      });
      onOpen();
    });
  return { backends: { cpu: { ...BACKENDS.cpu!, open } }, stopped: () => stopped };
}

const isInterrupted = ({ code, out, err, left }: JudgeRun) => {
  expect([code, left]).toEqual([130, 1]);
  expect(out).toBe('');
  expect(err.endsWith('Interrupted.\n')).toBe(true);
  expect(err).not.toMatch(/error:|^\s+at /m);
};

describe('Ctrl-C while models are loading', () => {
  test.each([
    ['generate', ['generate', 'Tom']],
    ['chat', ['chat']],
    ['problems', ['problems', '--solve']],
    ['train fit', ['train', 'fit', '--out', 'OUT']],
  ])('%s gives up both models, and says so', async (_, argv) => {
    let press: () => void = () => undefined;
    let opened = 0;
    const slow = slowBackend(() => {
      if (++opened === 2) press();
    });
    const out = join(pair.folder, 'heads-out');
    const run = await runJudge([...argv.map((word) => (word === 'OUT' ? out : word)), ...models()], {
      env: pair.env,
      backends: slow.backends,
      onStart: (pressCtrlC) => {
        press = pressCtrlC;
      },
    });
    isInterrupted(run);
    expect(slow.stopped()).toBe(2);
  });

  test('doctor calls it no finding', async () => {
    let press: () => void = () => undefined;
    const slow = slowBackend(() => press());
    const run = await runJudge(['doctor', '--json', '--target', pair.target], {
      env: pair.env,
      backends: slow.backends,
      onStart: (pressCtrlC) => {
        press = pressCtrlC;
      },
    });
    isInterrupted(run);
  });

  test('the CPU backend leaves no half-written graph behind', async () => {
    let press: () => void = () => undefined;
    const cache = join(pair.folder, 'interrupted-cache');
    const backends: Backends = {
      cpu: {
        ...BACKENDS.cpu!,
        open: (request) => {
          const opening = BACKENDS.cpu!.open(request);
          setTimeout(() => press(), 30);
          return opening;
        },
      },
    };
    const run = await runJudge(['generate', 'Tom', '--target', pair.target], {
      env: { JUDGE_CACHE: cache },
      backends,
      onStart: (pressCtrlC) => {
        press = pressCtrlC;
      },
    });
    isInterrupted(run);
    const entries = await readdir(join(cache, 'graphs')).catch(() => []);
    expect(entries.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

test('Ctrl-C while a prompt is awaited', async () => {
  const silent = new PassThrough();
  const run = await runJudge(['generate', ...models()], {
    env: pair.env,
    input: silent,
    onStart: (pressCtrlC) => setTimeout(pressCtrlC, 20),
  });
  isInterrupted(run);
});

test('on a terminal, “Interrupted.” is drawn over what stood in the line', async () => {
  const run = await runJudge(['generate', ...models()], {
    env: pair.env,
    input: new PassThrough(),
    isTerminal: true,
    onStart: (pressCtrlC) => setTimeout(pressCtrlC, 20),
  });
  expect(run.code).toBe(130);
  expect(run.err).toBe('\r\u001b[KInterrupted.\n');
});
