import { type Decoder, DecoderRun, outputOf } from './decoder-run.ts';
import { asDeviceError } from './device-error.ts';
import { KvCache } from './kv-cache.ts';

/** Read before the rows compared; any ids do. */
const BEFORE = [1, 2];
const FETCHED = ['logits', 'preNorm'] as const;

/**
 * Whether this machine's kernels give a row that is read alone the bits it has among others, in each of
 * this model's products: then nothing has to be read twice for exact passes.
 *
 * The kernel that multiplies depends on the processor, the matrix and on whether there is one row or more, not
 * on the numbers: one comparison of thousands of outputs of every matrix tells (where sums have another
 * order, half of them differ in the last bit). Only attention's products have shapes that change with the
 * text; with several query heads to a key they have several rows for one token, too, and the question does not
 * arise. With one head to each it would, and the answer is no.
 */
export async function sameAlone(decoder: Decoder): Promise<boolean> {
  const { shape } = decoder;
  if (shape.attentionHeads === shape.keyValueHeads || shape.contextLength < BEFORE.length + 2) return false;
  const cache = new KvCache(shape, 1);
  const ids = [Math.floor(shape.tokenCount / 3), Math.floor(shape.tokenCount / 2)] as const;
  const run = new DecoderRun({ ...decoder, exact: { pairedRows: false, pairedOutput: false } }, cache);
  /** What the first of `tokens` gave, and what it left in the cache. */
  const firstRow = async (tokens: readonly number[]): Promise<Float32Array[]> => {
    cache.length = BEFORE.length;
    const results = await run.pass(tokens, { picked: 'all', fetch: FETCHED });
    const outputs = FETCHED.map((name) => {
      const data = results[outputOf(name)]!.data as Float32Array;
      return data.slice(0, data.length / tokens.length);
    });
    const width = shape.keyValueHeads * shape.headDim;
    const end = 1 + BEFORE.length + 1;
    for (let index = 0; index < 2 * shape.layers; index++)
      outputs.push(cache.view(index, end).slice((end - 1) * width));
    return outputs;
  };
  try {
    await run.pass(BEFORE, { picked: 'none', fetch: [] });
    const among = await firstRow(ids);
    const alone = await firstRow(ids.slice(0, 1));
    return among.every(
      (values, index) => sameBits(values, alone[index]!) && values.some((value) => value !== 0),
    );
  } catch (error) {
    throw asDeviceError(error, 'forward pass');
  } finally {
    cache.free();
  }
}

const sameBits = (a: Float32Array, b: Float32Array): boolean =>
  a.every((value, index) => Object.is(value, b[index]));
