import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClauseResult, clauses } from '@judge-decoding/backend-contract';
import { makeTinyCheckpoint, type TinyCheckpointOptions } from '@judge-decoding/checkpoint/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BrowserOptions } from '../../src/browser/index.ts';
import { goldenOf } from '../golden.ts';
import { GPU_MODEL } from './gpu-model.ts';
import type { InPage } from './in-page.ts';

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
  // the product with a whole vocabulary would be a third of each pass
  'webgpu, fp32': { model: { ...GPU_MODEL, bytes: 48 }, options: { device: 'webgpu' } },
};

/** The whole contract, on both devices. */
export const contractTests = (on: InPage) =>
  describe('the contract', () => {
    const running = new Map<string, Promise<readonly ClauseResult[]>>();
    const found = new Map<string, readonly ClauseResult[]>();
    beforeAll(() => {
      // side by side: while the processor translates what the GPU runs, it has time for the others
      for (const [name, subject] of Object.entries(subjects)) {
        const results = examined(on, name.replaceAll(/\W+/g, '-'), subject);
        results.catch(() => {}); // is told where it is awaited
        running.set(name, results);
      }
    });

    for (const [name, { options }] of Object.entries(subjects)) {
      describe(name, () => {
        beforeAll(async () => {
          found.set(name, await running.get(name)!);
        });

        test.each(clauses.map(({ id, promise }) => [id, promise]))('%s: %s', (id) => {
          const { outcome, detail } = found.get(name)!.find((result) => result.id === id)!;
          expect(outcome === 'broken' ? detail : '').toBe('');
        });

        test('nothing is exempt, and what is not declared is known', () => {
          const others = found.get(name)!.filter(({ outcome }) => outcome !== 'kept' && outcome !== 'broken');
          const known = ['forward/exact', ...(options.dtype === undefined ? [] : ['numeric/golden-text'])];
          // rounds are not decided on this device
          const isKnown = (id: string) => known.includes(id) || id.startsWith('verify/');
          expect(others.filter(({ id }) => !isKnown(id))).toEqual([]);
        });
      });
    }
  });

async function examined(
  { root, opened }: InPage,
  folder: string,
  { model, options }: Subject,
): Promise<readonly ClauseResult[]> {
  const at = (kind: string) => join(root, folder + kind);
  for (const kind of ['', '-cut', '-garbled']) await makeTinyCheckpoint(at(kind), model);
  await truncate(join(at('-cut'), 'model.safetensors'), 5000);
  await writeFile(join(at('-garbled'), 'config.json'), '{ "architectures": [');
  const { text, ...golden } = await goldenOf(at(''), join(root, 'cache'));
  const rounded = options.dtype !== undefined;
  return opened.call('runContract', {
    options: { ...options, prefillChunk: 32 },
    location: `/models/${folder}`,
    malformed: [`/models/${folder}-cut`, `/models/${folder}-garbled`],
    exempt: {},
    // SwiftShader; wasm does what is done again and again as often as it should be
    slow: options.device === 'webgpu',
    golden: { ...golden, ...(rounded ? {} : { text }) },
  });
}
