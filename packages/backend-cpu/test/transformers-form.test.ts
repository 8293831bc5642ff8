import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { buildTransformersDecoder } from '@judge-decoding/onnx';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, expect, test } from 'vitest';
import { cpuBackend } from '../src/index.ts';
import { withoutTelemetry } from '../src/no-telemetry.ts';

withoutTelemetry();
const root = await mkdtemp(join(tmpdir(), 'judge-transformers-form-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const prompt = Array.from({ length: 20 }, (_, index) => (index * 37 + 11) % 200);

/** Writes the graph, and returns a step as published exports are fed: ids in, last rows' logits out. */
async function exported(folder: string) {
  const checkpoint = await openCheckpoint(folder);
  const { layers, keyValueHeads, headDim, tokenCount } = checkpoint.config;
  const graph = buildTransformersDecoder(checkpoint, { weightsFile: 'model.onnx_data' });
  await writeFile(join(folder, 'model.onnx'), graph.model);
  const file = await open(join(folder, 'model.onnx_data'), 'w');
  for (const source of graph.sources) {
    const ends = source.tensors.map(({ offset }) => offset);
    for await (const part of source.parts())
      for (const [index, bytes] of part.entries()) {
        await file.write(bytes, 0, bytes.length, ends[index]);
        ends[index]! += bytes.length;
      }
  }
  await file.close();
  await checkpoint.dispose();
  const session = await InferenceSession.create(join(folder, 'model.onnx'));
  const names = Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  const empty = () => new Tensor('float32', new Float32Array(0), [1, keyValueHeads, 0, headDim]);
  let past = Object.fromEntries(names.map((name) => [`past_key_values.${name}`, empty()]));
  let length = 0;
  return async (ids: readonly number[], keep: number): Promise<readonly Float32Array[]> => {
    length += ids.length;
    const int64 = (values: readonly number[], dims: readonly number[]) =>
      new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
    const results = await session.run({
      input_ids: int64(ids, [1, ids.length]),
      attention_mask: int64(Array<number>(length).fill(1), [1, length]),
      num_logits_to_keep: int64([keep], []),
      ...past,
    });
    past = Object.fromEntries(
      names.map((name) => [`past_key_values.${name}`, results[`present.${name}`] as Tensor]),
    ) as typeof past;
    const { data, dims } = results.logits!;
    return Array.from({ length: dims[1]! }, (_, row) =>
      (data as Float32Array).slice(row * tokenCount, (row + 1) * tokenCount),
    );
  };
}

test.each([
  ['grouped heads', { attentionHeads: 4, keyValueHeads: 2 }],
  ['tied embeddings', { tiedEmbeddings: true }],
])('%s: other programs are given the logits that ours computes', async (name, options) => {
  const folder = join(root, name.replaceAll(' ', '-'));
  await makeTinyCheckpoint(folder, options);
  const step = await exported(folder);
  const rows = [...(await step(prompt.slice(0, 12), 0)), ...(await step(prompt.slice(12, 19), 0))];
  const [last, ...none] = await step(prompt.slice(19), 1);
  expect(none).toEqual([]);
  await using model = await cpuBackend({ dtype: 'fp32', cacheFolder: join(root, 'cache') }).open(folder);
  const session = await model.openSession();
  const { logits } = await session.forward(prompt, { logits: true });
  const width = logits.length / prompt.length;
  for (const [at, row] of [...rows, last!].entries())
    for (const [id, logit] of row.entries()) expect(logit).toBeCloseTo(logits[at * width + id]!, 4);
});
