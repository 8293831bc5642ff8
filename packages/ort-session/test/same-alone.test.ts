import type { DecoderShape } from '@judge-decoding/onnx/interface';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { expect, test } from 'vitest';
import { RowTensors } from '../src/row-tensors.ts';
import { sameAlone } from '../src/same-alone.ts';
import { fakeRuntime } from './fake-runtime.ts';

const shape: DecoderShape = {
  layers: 2,
  hiddenSize: 4,
  attentionHeads: 4,
  keyValueHeads: 2,
  headDim: 2,
  tokenCount: 30,
  contextLength: 16,
  window: null,
};

/** A decoder whose outputs are made from the tokens; `off` is added to one of them where a row is alone. */
function decoder({
  off = 0,
  at = 'logits',
  ...changed
}: { off?: number; at?: string } & Partial<DecoderShape>) {
  const ofShape = { ...shape, ...changed };
  const run = async (feeds: Record<string, Tensor>, fetches: Record<string, null>) => {
    const tokens = [...(feeds.tokens!.data as Int32Array)];
    const values = (name: string, width: number) =>
      Float32Array.from(
        { length: tokens.length * width },
        (_, index) =>
          tokens[Math.floor(index / width)]! + index + (tokens.length === 1 && name === at ? off : 0),
      );
    const results: Record<string, unknown> = {};
    for (const name of Object.keys(fetches))
      results[name] = { data: values(name, 4), dims: [tokens.length, 4] };
    const width = ofShape.keyValueHeads * ofShape.headDim;
    // a buffer's rows lie together, so they are made row by row
    const rows = Array.from({ length: 2 * ofShape.layers }, (_, buffer) =>
      tokens.flatMap((token) =>
        Array.from(
          { length: width },
          (_, column) => token + buffer + column + (tokens.length === 1 && at === 'new_rows' ? off : 0),
        ),
      ),
    );
    results.new_rows = { data: Float32Array.from(rows.flat()), dims: [] };
    return results;
  };
  return {
    runtime: fakeRuntime,
    session: { run } as unknown as InferenceSession,
    shape: ofShape,
    rowTensors: new RowTensors(fakeRuntime, ofShape),
    exact: { pairedRows: true, pairedOutput: true },
    draftLoop: undefined,
  };
}

test.each([
  ['the same bits everywhere', {}, true],
  ['another logit', { off: 1e-6, at: 'logits' }, false],
  ['another key or value', { off: 1e-3, at: 'new_rows' }, false],
  ['as many key-value heads as heads: attention alone is another product', { keyValueHeads: 4 }, false],
  ['no room to try', { contextLength: 3 }, false],
])('a row alone, %s', async (_, changed, expected) => {
  expect(await sameAlone(decoder(changed))).toBe(expected);
});
