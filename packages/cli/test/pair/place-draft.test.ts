import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toyBackend, toyLocation } from '@judge-decoding/backend-contract';
import type { Model } from '@judge-decoding/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPlaced } from '../../src/pair/place-draft.ts';

let cacheFolder: string;
let opened: string[];
let disposed: string[];
let clock: number;

beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'judge-placed-'));
  [opened, disposed, clock] = [[], [], 0];
});
afterEach(() => rm(cacheFolder, { recursive: true, force: true }));

/** A toy whose drafts take so many milliseconds by the test's clock. */
async function toy(place: string, milliseconds: number): Promise<Model> {
  opened.push(place);
  const model = await toyBackend().open(toyLocation());
  return {
    ...model,
    async openSession() {
      const session = await model.openSession();
      return {
        get length() {
          return session.length;
        },
        forward: (tokens, request) => session.forward(tokens, request),
        truncate: (length) => session.truncate(length),
        dispose: () => session.dispose(),
        propose: (tokens, request) => {
          clock += milliseconds;
          return session.propose(tokens, request);
        },
      };
    },
    async dispose() {
      disposed.push(place);
      await model.dispose();
    },
  };
}

const place = (key = 'a draft') =>
  openPlaced({
    key: [key],
    places: ['cpu', 'webgpu'],
    open: (name) => toy(name, name === 'cpu' ? 3 : 30),
    cacheFolder,
    now: () => clock,
  });

test('a draft is tried in every place once; the next start opens it where it was faster', async () => {
  const first = await place();
  expect(first.placement.chosen).toBe('cpu');
  expect(opened).toEqual(['cpu', 'webgpu']);
  expect(disposed).toEqual(['webgpu']);
  opened.length = 0;
  expect((await place()).placement).toEqual(first.placement);
  expect(opened).toEqual(['cpu']);
  // another draft is another question
  await place('another');
  expect(opened).toEqual(['cpu', 'cpu', 'webgpu']);
});

test('what is kept and cannot be read is measured again', async () => {
  await place();
  const folder = join(cacheFolder, 'placements');
  for (const name of await readdir(folder)) await writeFile(join(folder, name), '{"chosen":"tpu"}');
  opened.length = 0;
  expect((await place()).placement.chosen).toBe('cpu');
  expect(opened).toEqual(['cpu', 'webgpu']);
});

test('where one cannot be opened the other is closed again', async () => {
  const failing = openPlaced({
    key: ['a draft'],
    places: ['cpu', 'webgpu'],
    open: (name) => (name === 'cpu' ? toy(name, 1) : Promise.reject(new Error('no GPU'))),
    cacheFolder,
    now: () => clock,
  });
  await expect(failing).rejects.toThrow('no GPU');
  expect(disposed).toEqual(['cpu']);
});
