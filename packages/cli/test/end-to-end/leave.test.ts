import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
beforeAll(async () => {
  pair = await tinyPair();
});
afterAll(() => pair.dispose());

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const BUSY = join(import.meta.dirname, '..', 'busy-judge.ts');

/** Sends the signal (Ctrl-C) whenever stderr shows the next of `at`. */
async function pressed(mode: string, at: readonly string[], by: NodeJS.Signals = 'SIGINT') {
  const argv = ['--conditions=@judge-decoding/source', '--import', TSX, BUSY, mode];
  const judge = spawn(process.execPath, [...argv, 'generate', 'Tom', '--target', pair.target], {
    env: { ...process.env, ...pair.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  const waiting = [...at];
  judge.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (waiting.length === 0 || !err.includes(waiting[0]!)) return;
    waiting.shift();
    judge.kill(by);
  });
  const [code, signal] = (await once(judge, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, err };
}

// Windows cannot send Ctrl-C to another process
const cases: readonly (readonly [string, string, readonly string[], string])[] =
  process.platform === 'win32'
    ? []
    : [
        ['a model that cannot give up', 'goes-on', ['opening\n', 'first\n'], 'opening\nfirst\n'],
        ['a model that was given up', 'gives-up', ['opening\n'], 'opening\nfirst\nInterrupted.\n'],
      ];

test.each(cases)('Ctrl-C leaves without waiting for %s', async (_, mode, at, said) => {
  expect(await pressed(mode, at)).toEqual({ code: null, signal: 'SIGINT', err: said });
});

test.each(cases)('SIGTERM does as Ctrl-C does with %s', async (_, mode, at, said) => {
  expect(await pressed(mode, at, 'SIGTERM')).toEqual({ code: null, signal: 'SIGTERM', err: said });
});

test.runIf(process.platform !== 'win32')(
  'SIGTERM while a graph is written leaves nothing half-written',
  async () => {
    const large = await pair.make('large', {
      hiddenSize: 768,
      attentionHeads: 12,
      keyValueHeads: 12,
      layers: 8,
    });
    const cache = join(pair.folder, 'terminated');
    const argv = ['--conditions=@judge-decoding/source', '--import', TSX, BUSY, 'as-it-is'];
    const judge = spawn(process.execPath, [...argv, 'generate', 'Tom', '--target', large], {
      env: { ...process.env, ...pair.env, JUDGE_CACHE: cache },
      stdio: 'ignore',
    });
    const graphs = join(cache, 'graphs');
    const written = async () => (await readdir(graphs).catch(() => [])).length > 0;
    while (!(await written())) await new Promise((resolve) => setTimeout(resolve, 5));
    judge.kill('SIGTERM');
    const [code, signal] = (await once(judge, 'close')) as [number | null, NodeJS.Signals | null];
    // it may have been done in the same moment
    const entries = await readdir(graphs);
    expect(entries.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(signal === 'SIGTERM' || code === 143 || entries.length === 1).toBe(true);
  },
);
