import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClauseResult, clauses } from '@judge-decoding/backend-contract';
import { describeInBrowser } from '@judge-decoding/browser';
import { makeTinyCheckpoint, type TinyCheckpointOptions } from '@judge-decoding/checkpoint/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserOptions } from '../src/browser/index.ts';
import { goldenOf } from './golden.ts';
import { type OpenedPage, openPage } from './open-page.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-webgpu-'));
let opened: OpenedPage;

interface Subject {
  readonly model: TinyCheckpointOptions;
  readonly options: BrowserOptions;
}

const small: TinyCheckpointOptions = { hiddenSize: 32, attentionHeads: 4, keyValueHeads: 2, layers: 1 };

const subjects: Record<string, Subject> = {
  'wasm, fp32': {
    model: { attentionHeads: 8, keyValueHeads: 2, hiddenSize: 64 },
    options: { device: 'wasm' },
  },
  'wasm, int8': { model: small, options: { device: 'wasm', dtype: 'int8' } },
  'webgpu, fp32': {
    // heads that turn in the operator of attention
    model: { ...small, hiddenSize: 64, attentionBias: true },
    options: { device: 'webgpu' },
  },
};

describeInBrowser('the contract in a page', () => {
  beforeAll(async () => {
    opened = await openPage([{ at: '/models/', folder: root }]);
  });
  afterAll(async () => {
    await opened.close();
    await rm(root, { recursive: true, force: true });
  });

  for (const [name, { model, options }] of Object.entries(subjects)) {
    describe(name, () => {
      let results: readonly ClauseResult[];
      beforeAll(async () => {
        const folder = name.replaceAll(/\W+/g, '-');
        const at = (kind: string) => join(root, folder + kind);
        for (const kind of ['', '-cut', '-garbled']) await makeTinyCheckpoint(at(kind), model);
        await truncate(join(at('-cut'), 'model.safetensors'), 5000);
        await writeFile(join(at('-garbled'), 'config.json'), '{ "architectures": [');
        const { text, ...golden } = await goldenOf(at(''), join(root, 'cache'));
        const rounded = options.dtype !== undefined;

        results = await opened.call('runContract', {
          options: { ...options, prefillChunk: 32 },
          location: `/models/${folder}`,
          malformed: [`/models/${folder}-cut`, `/models/${folder}-garbled`],
          exempt: {},
          golden: { ...golden, ...(rounded ? {} : { text }) },
        });
      });

      test.each(clauses.map(({ id, promise }) => [id, promise]))('%s: %s', (id) => {
        const { outcome, detail } = results.find((result) => result.id === id)!;
        expect(outcome === 'broken' ? detail : '').toBe('');
      });

      test('nothing is exempt, and what is not declared is known', () => {
        const others = results.filter(({ outcome }) => outcome !== 'kept' && outcome !== 'broken');
        const known = ['forward/exact', ...(options.dtype === undefined ? [] : ['numeric/golden-text'])];
        // rounds are not decided on this device
        const isKnown = (id: string) => known.includes(id) || id.startsWith('verify/');
        expect(others.filter(({ id }) => !isKnown(id))).toEqual([]);
      });
    });
  }
});
