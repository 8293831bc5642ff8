import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { openTokenizer } from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { complete, draftSession, exactMatch, judged, readHead, rule } from '@judge-decoding/core';
import { draftFolder, headFile, targetFolder, USUAL_HEAD } from '@judge-decoding/pocket-pair';
import { beforeAll, describe, expect, test } from 'vitest';
import { modelManifest, packModel } from '../../src/node/index.ts';
import { openPage } from '../open-page.ts';
import { GPU_MODEL } from './gpu-model.ts';
import type { InPage } from './in-page.ts';

/** Of an answer: some rounds. */
const MOST_TOKENS = 40;
const TEXT = [1, 2, 40, 77, 114, 151];
const PROBLEM = 'Mia has 12 pens. She buys 5 pens. How many pens does she have now?';

export const modelTests = (on: InPage) =>
  describe('models', () => {
    const { root } = on;
    beforeAll(async () => {
      for (const part of ['target', 'draft']) await list(join(root, 'pocket', part), (text) => text);
      for (const name of ['tiny', 'changed', 'short']) await makeTinyCheckpoint(join(root, name));
      await list(join(root, 'tiny'), (text) => text);
      await makeTinyCheckpoint(join(root, 'small'), GPU_MODEL);
      await list(join(root, 'changed'), (text) => text.replace(/"sha256": "./, '"sha256": "f'));
      await list(join(root, 'short'), (text) =>
        text.replace(/"size": (\d+)/, (_, size) => `"size": ${Number(size) + 10}`),
      );
      // models of their own: what is kept goes by its list
      for (const [seed, name] of ['packed', 'torn', 'swollen'].entries()) {
        await makeTinyCheckpoint(join(root, 'larger'), { vocabSize: 2048, hiddenSize: 64, seed });
        await packModel(join(root, 'larger'), join(root, name));
      }
      const torn = join(root, 'torn', 'model.safetensors.packed');
      const bytes = await readFile(torn);
      bytes.fill(0xff, 1000, 2000);
      await writeFile(torn, bytes);
      const swollen = join(root, 'swollen', 'judge-files.json');
      await writeFile(
        swollen,
        (await readFile(swollen, 'utf8')).replace(/("model.safetensors",\s*"size": )\d+/, '$11000'),
      );
    });

    const list = async (folder: string, change: (text: string) => string) =>
      writeFile(join(folder, 'judge-files.json'), change(await modelManifest(folder)));

    test('the pocket pair writes on wasm what it writes in Node', async () => {
      const backend = cpuBackend({ cacheFolder: join(root, 'cache') });
      await using target = await backend.open(targetFolder);
      await using draft = await backend.open(draftFolder);
      const tokenizer = await openTokenizer(targetFolder);
      const { tokens } = await complete({
        model: target.info,
        target: await target.openSession(),
        draft: draftSession(draft, await draft.openSession()),
        draftLength: 16,
        rule: rule(exactMatch(), judged(readHead(await readFile(headFile(USUAL_HEAD))))),
        prompt: tokenizer.encodeChat([{ role: 'user', content: PROBLEM }]),
        maxTokens: MOST_TOKENS,
      });
      expect(await on.opened.call('judgedTokens', PROBLEM, USUAL_HEAD, MOST_TOKENS)).toEqual(tokens);
    });

    test('a draft in one run ends where a draft by passes ends', async () => {
      const tokenizer = await openTokenizer(targetFolder);
      const text = tokenizer.encodeChat([{ role: 'user', content: PROBLEM }]);
      const texts = [3, 9, 15, 21, text.length].map((length) => text.slice(0, length));
      const { looped, passed, whole } = await on.opened.call('unsureDrafts', texts, 0.55);
      expect(looped).toEqual(passed);
      // some end early, some do not end at once
      const lengths = looped.map((draft) => draft.length);
      expect(Math.min(...lengths)).toBeLessThan(whole[0]!.length);
      expect(Math.max(...lengths)).toBeGreaterThan(1 + 4);
      for (const [index, draft] of looped.entries())
        expect(whole[index]!.slice(0, draft.length - 4)).toEqual(draft.slice(0, -4));
    });

    test('a verification is one read-back of some hundred bytes, and so is a greedy draft', async () => {
      const rows = 17;
      const { verification, stats } = await on.opened.call('readBacks', '/models/small', rows);
      // a row: its favourite, the next token's log-probability, the judge's dot product
      expect(verification).toEqual({ count: 1, bytes: rows * (4 + 4 + 4) });
      const { target, draft } = stats.readBacks!;
      expect(target!.count).toBe(stats.rounds);
      expect(draft!.count).toBe(stats.rounds);
      expect(draft!.bytes).toBe(4 * stats.drafted);
      expect((target!.bytes + draft!.bytes) / stats.rounds).toBeLessThan(500);
      expect(stats.placements).toEqual({ 'webgpu, draft webgpu': 1 });
    });

    test('what was kept is opened, and not fetched again', async () => {
      const asked: string[] = [];
      on.opened.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      const first = await on.opened.call('kept', '/models/tiny');
      expect(first.rows).toBe(3);
      expect(asked.some((path) => path.endsWith('model.safetensors'))).toBe(true);
      asked.length = 0;
      expect(await on.opened.call('kept', '/models/tiny')).toEqual(first);
      expect(asked.filter((path) => path.startsWith('/models/'))).toEqual(['/models/tiny/judge-files.json']);
    });

    test('what a host has packed is unpacked, checked, and not fetched again', async () => {
      const asked: string[] = [];
      on.opened.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      const first = await on.opened.call('kept', '/models/packed', 'calling');
      expect(first.rows).toBe(3);
      expect(asked).toContain('/models/packed/model.safetensors.packed');
      asked.length = 0;
      expect(await on.opened.call('kept', '/models/packed', 'calling')).toEqual(first);
      expect(asked.filter((path) => path.startsWith('/models/'))).toEqual([
        '/models/packed/judge-files.json',
      ]);
    });

    test.each([
      ['a packed file that cannot be read', 'torn', 'invalid-file', /changed or damaged/],
      [
        'a packed file that grows beyond its size',
        'swollen',
        'invalid-file',
        /cannot be unpacked to the 1000 bytes/,
      ],
      ['another digest', 'changed', 'invalid-file', /digest/],
      ['fewer bytes', 'short', 'invalid-file', /Expected \d+ bytes/],
      ['no list', 'none', 'not-found', /judge-files\.json/],
    ])('%s is refused, where the list says otherwise', async (_, name, code, message) => {
      const refused = await on.opened.call('keptRefusal', `/models/${name}`);
      expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
    });

    test('room is asked for before anything is fetched', async () => {
      const refused = await on.opened.call('fullRefusal', '/pocket/draft', 1000);
      expect(refused).toMatchObject({ code: 'io', message: expect.stringMatching(/Expected room for/) });
    });

    test('a device that is lost says so, and another one can be had', async () => {
      const refused = await on.opened.call('lostDevice');
      expect(refused).toMatchObject({ code: 'device', message: expect.stringMatching(/GPU was lost/) });
    });

    test('a folder that is no model is refused by name', async () => {
      const refused = await on.opened.call('openRefusal', 'wasm', '/models/none');
      expect(await on.opened.call('openRefusal', 'wasm', '/models/none', 'calling')).toEqual(refused);
      expect(refused).toMatchObject({
        code: 'not-found',
        message: expect.stringMatching(/none\/config\.json/),
      });
    });

    test('without WebGPU the device is refused, and wasm does not take its place', async () => {
      const plain = await openPage([{ at: '/models/', folder: root }], {
        script: on.site,
        isolated: false,
        args: [],
      });
      try {
        const refused = await plain.call('openRefusal', 'webgpu', '/models/tiny');
        expect(refused).toMatchObject({
          code: 'device',
          message: expect.stringMatching(/Use the device wasm/),
        });
        const inCaller = await plain.call('favourites', 'wasm', '/models/tiny', TEXT, 'calling');
        expect(inCaller.details).toMatchObject({ threads: 1 });
        // in a worker, and in the thread that asks
        expect(inCaller.argmax).toEqual(
          (await on.opened.call('favourites', 'wasm', '/models/tiny', TEXT)).argmax,
        );
      } finally {
        await plain.close();
      }
    });
  });
