import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseSynthetic } from '@judge-decoding/backend-cuda';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { type Kernel, NCU_METRICS, readKernels } from '../src/ncu.ts';
import { ofLayers } from '../src/of-layers.ts';
import { fewLayers, type ProfileResult, profile } from '../src/profile.ts';
import { profileSection } from '../src/profile-section.ts';
import type { Run } from '../src/run.ts';

const HEAD = ['ID', 'Process ID', 'Kernel Name', 'Block Size', 'Grid Size', ...NCU_METRICS];
const PRODUCT = 'void jc::(anonymous namespace)::product_kernel<(jc::Weights)3, (int)1>(jc::ProductArgs)';
const JOIN = 'void jc::<unnamed>::join_few_kernel<128>(jc::AttentionArgs)';

/** What ncu prints: words of its own around a table whose second row holds units. */
function csvOf(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => cells.map((cell) => `"${cell}"`).join(',');
  const units = HEAD.map((name) => (name.startsWith('gpu__') ? 'ns' : ''));
  return ['==PROF== Connected to process 7 (/usr/bin/node)', ...[HEAD, units, ...rows].map(line), '']
    .join('\n')
    .concat('==PROF== Disconnected from process 7\n');
}

/** Nanoseconds, bytes, percents and cycles as they are, every wait 0.5. */
const rowOf = (name: string, nanoseconds: string, bytes: string): string[] => [
  ...['0', '7', name, '(256, 1, 1)', '(132, 2, 1)', nanoseconds, bytes, '12.5', '3.25', '17,000'],
  ...NCU_METRICS.slice(5).map((metric) => (metric.includes('long_scoreboard') ? '9.75' : '0.5')),
];

test('kernels are read out of what ncu prints', () => {
  const kernels = readKernels(csvOf([rowOf(PRODUCT, '10,000', '1,048,576'), rowOf(JOIN, '1500', '0')]));
  expect(kernels.map(({ name }) => name)).toEqual(['product_kernel<3, 1>', 'join_few_kernel<128>']);
  expect(kernels[0]).toMatchObject({
    ...{ blocks: 264, threads: 256, microseconds: 10, bytes: 1048576 },
    ...{ issuing: 12.5, multiplying: 3.25, clock: 1.7 },
  });
  expect(kernels[0]!.waits).toMatchObject({ memory: 9.75, 'a barrier': 0.5 });
});

test('what is no number is named, and where ncu printed no table there are no kernels', () => {
  expect(() => readKernels(csvOf([rowOf(PRODUCT, 'n/a', '1')]))).toThrow(
    /gpu__time_duration.sum of void jc::.*product_kernel.*got 'n\/a'/,
  );
  expect(readKernels('==ERROR== No kernels were profiled\n')).toEqual([]);
});

const kernel = (name: string, microseconds: number, blocks = 132): Kernel => ({
  ...{ name, blocks, microseconds, threads: 256, bytes: 1000 * microseconds },
  ...{ issuing: 1, multiplying: 1, clock: 1.7, waits: { memory: microseconds } },
});

test.each([
  ['between others', ['begin'], ['product', 'residual', 'product'], 3, ['slice', 'row']],
  ['with nothing around', [], ['product'], 4, []],
  ['of which one comes once more behind them', ['begin'], ['product', 'residual'], 3, ['product', 'row']],
])('kernels of a layer are found: %s', (_, before, layer, layers, behind) => {
  const times = (index: number) => layer.map((name, place) => kernel(name, 10 * place + index));
  const all = [
    ...before.map((name) => kernel(name, 5)),
    ...Array.from({ length: layers }, (_, index) => times(index)).flat(),
    ...behind.map((name) => kernel(name, 7)),
  ];
  const found = ofLayers(all, layers);
  expect(found.map(({ name, runs }) => [name, runs])).toEqual([
    ...before.map((name) => [name, 1]),
    ...layer.map((name) => [name, layers]),
    ...behind.map((name) => [name, 1]),
  ]);
  const inLayer = found.filter(({ where }) => where === 'in a layer');
  // medians
  const middle = (layers - 1) / 2;
  expect(inLayer.map(({ microseconds }) => microseconds)).toEqual(
    layer.map((_, place) => 10 * place + middle),
  );
  expect(inLayer[0]!.waits).toEqual({ memory: middle });
});

test('a model with a few of its layers is the same model otherwise', () => {
  const { name, layers } = fewLayers('llama-3.1-70b:int8');
  const { config, dtype } = parseSynthetic(name);
  const { config: whole } = parseSynthetic('llama-3.1-70b:int8');
  expect([layers, dtype]).toEqual([6, 'int8']);
  const shape = (of: typeof whole) => ({
    ...{ hidden: of.hiddenSize, heads: of.attentionHeads, kv: of.keyValueHeads, dim: of.headDim },
    ...{ ff: of.intermediateSize, rows: of.vocabSize, tokens: of.tokenCount, tied: of.tiedEmbeddings },
  });
  expect(shape(config)).toEqual(shape(whole));
  expect(fewLayers('random:layers=3:int8').layers).toBe(3);
});

test('kernels that do not repeat once a layer stand by themselves', () => {
  const found = ofLayers([kernel('a', 1), kernel('b', 2), kernel('a', 3, 7)], 2);
  expect(found.map(({ name, where }) => `${name} ${where}`)).toEqual(
    ['a', 'b', 'a'].map((name) => `${name} before the layers`),
  );
});

test('the section says what a kernel takes beyond its bytes, and what its warps wait for', () => {
  const result: ProfileResult = {
    ...{
      model: 'm:int4',
      rows: 1,
      context: 512,
      layers: 4,
      layersSeen: 2,
      milliseconds: 0.025,
      copyBandwidth: 4e12,
    },
    kernels: ofLayers(
      readKernels(csvOf([rowOf(PRODUCT, '10,000', '20,000,000'), rowOf(PRODUCT, '12,000', '20,000,000')])),
      2,
    ),
  };
  const text = profileSection([['m:int4, 1 rows', result]]);
  expect(text).toContain(
    '0.025 ms on the device as it runs; its 4 kernels 0.044 ms one by one (medians of 2 layers, times 4), and their bytes 0.020 ms',
  );
  expect(text).toMatch(
    /\| product_kernel<3, 1> \| 4 \| 264 \| 11.00 \| 20.00 \| 1.82 \| 6.00 \| 0.044 \|.* memory 9.8, /,
  );
});

const folder = mkdtempSync(join(tmpdir(), 'judge-profile-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Runs the part where `ncu` is a script that does this with `$log`; what was kept. */
async function profiledBy(does: string): Promise<Record<string, unknown>> {
  const ncu = join(folder, 'ncu');
  const words = `echo "$@" > ${join(folder, 'words')}`;
  writeFileSync(ncu, `#!/bin/sh\n${words}\nwhile test "$1" != --log-file; do shift; done\nlog=$2\n${does}\n`);
  chmodSync(ncu, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  const kept: Record<string, unknown> = {};
  const run = {
    ...{ device: 'cuda:0', quick: true, deadline: Number.POSITIVE_INFINITY },
    ...{ asks: () => true, say: () => {}, engine: { bandwidth: async () => ({ read: 1, copied: 4e12 }) } },
    store: {
      has: () => false,
      put: async (name: string, item: unknown) => Object.assign(kept, { [name]: item }),
    },
  } as unknown as Run;
  vi.spyOn(await import('../src/profiled-pass.ts'), 'openPass').mockResolvedValue(1.5);
  await profile(run);
  return kept;
}

test('the part profiles the model with a few of its layers, and keeps its kernels beside the time of the whole pass', async () => {
  const csv = join(folder, 'seen.csv');
  const layer = [rowOf(PRODUCT, '10,000', '20,000,000'), rowOf(JOIN, '3,000', '0')];
  writeFileSync(csv, csvOf([...layer, ...layer, ...layer]));
  const [[name, item]] = Object.entries(await profiledBy(`cp ${csv} "$log"`)) as [[string, ProfileResult]];
  expect(name).toMatch(/^random:.*layers=3.*:int8, 2 rows$/);
  expect(item).toMatchObject({
    milliseconds: 1.5,
    copyBandwidth: 4e12,
    layers: 3,
    layersSeen: 3,
    context: 16,
  });
  expect(item.kernels.map((each) => [each.name, each.runs])).toEqual([
    ['product_kernel<3, 1>', 3],
    ['join_few_kernel<128>', 3],
  ]);
  const words = readFileSync(join(folder, 'words'), 'utf8');
  expect(words).toMatch(/ profiled-pass random:\S*layers=3\S*:int8 2 16 --device cuda:0$/m);
  for (const metric of NCU_METRICS) expect(words).toContain(metric);
});

test.each([
  ['ends badly', 'echo "==ERROR== no permission" > "$log"; exit 9', /ended with 9: ==ERROR== no permission/],
  ['sees no kernel', 'echo "==PROF== Disconnected" > "$log"', /ended with 0: ==PROF== Disconnected/],
])('where ncu %s, the part says so', async (_, does, message) => {
  await expect(profiledBy(does)).rejects.toThrow(message);
});
