import { GraphBuilder, weightsInMemory } from '@judge-decoding/onnx';
import type { GraphSource } from '@judge-decoding/ort-session';

const MICROSOFT = { domain: 'com.microsoft' } as const;

/** How a matrix may be multiplied by. */
export interface ProductForm {
  readonly name: string;
  readonly type: 'float32' | 'float16' | 4 | 8;
  /** Columns of a block that share a scale. */
  readonly block?: 16 | 32 | 64 | 128;
  /** 4: rows of the input are rounded to eight bits by blocks. */
  readonly accuracy?: 0 | 4;
  /** Passes of fewer rows get as many as this, of zeros. */
  readonly leastRows?: number;
}

const blocks = (bits: 4 | 8, block: 32 | 64 | 128, more: Partial<ProductForm> = {}): ProductForm => ({
  name: `int${bits}, blocks of ${block}${more.accuracy === 4 ? ', input rounded' : ''}${more.leastRows ? `, at least ${more.leastRows} rows` : ''}`,
  type: bits,
  block,
  ...more,
});

export const PRODUCT_FORMS: readonly ProductForm[] = [
  { name: 'fp32', type: 'float32' },
  { name: 'fp16', type: 'float16' },
  blocks(8, 32),
  blocks(8, 32, { accuracy: 4 }),
  blocks(8, 128),
  blocks(8, 128, { accuracy: 4 }),
  blocks(4, 32),
  blocks(4, 32, { accuracy: 4 }),
  blocks(4, 128),
  blocks(4, 128, { accuracy: 4 }),
  // through the kernel for many rows, whatever the pass has
  blocks(8, 32, { leastRows: 32 }),
  blocks(4, 32, { leastRows: 32 }),
];

export interface ProductShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Matrices by which the same rows are multiplied, one after another: together larger than a cache. */
  readonly copies: number;
}

/** The copies of one form: `rows` [rows, inputs] → `firsts` [rows, copies], a column of each product. */
export async function productGraph(
  { type, block = 32, accuracy = 0, leastRows }: ProductForm,
  { inputs, outputs, copies }: ProductShape,
): Promise<GraphSource> {
  const graph = new GraphBuilder();
  graph.input('rows', 'float32', ['rows', inputs]);
  let read = 'rows';
  if (leastRows !== undefined) {
    const filled = graph.constant(
      'filled',
      'float32',
      [leastRows, inputs],
      new Float32Array(leastRows * inputs),
    );
    read = graph.op('Slice', [
      graph.op('Concat', [read, filled], { attributes: { axis: 0 } }),
      graph.ints(0),
      graph.ints(leastRows),
      graph.ints(0),
    ]);
  }
  if (type === 'float16') read = graph.op('Cast', [read], { attributes: { to: 10 } });
  const columns: string[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const product =
      typeof type === 'number'
        ? quantised(graph, read, copy, { bits: type, block, accuracy, inputs, outputs })
        : graph.op('MatMul', [
            read,
            graph.weight(`w${copy}`, type, [inputs, outputs], async () => floats(type, inputs * outputs)),
          ]);
    columns.push(graph.op('Slice', [product, graph.ints(0), graph.ints(1), graph.ints(1)]));
  }
  let firsts = graph.op('Concat', columns, { attributes: { axis: 1 } });
  if (type === 'float16') firsts = graph.op('Cast', [firsts], { attributes: { to: 1 } });
  graph.op('Identity', [firsts], { as: 'firsts' });
  graph.output('firsts', 'float32', ['rows', copies]);
  const built = graph.build();
  return { model: built.model, weightsFile: built.weightsFile, weights: await weightsInMemory(built) };
}

function quantised(
  graph: GraphBuilder,
  read: string,
  copy: number,
  {
    bits,
    block,
    accuracy,
    inputs,
    outputs,
  }: {
    readonly bits: 4 | 8;
    readonly block: number;
    readonly accuracy: number;
    readonly inputs: number;
    readonly outputs: number;
  },
): string {
  const count = Math.ceil(inputs / block);
  const bytes = (block * bits) / 8;
  const codes = graph.weight(`w${copy}`, 'uint8', [outputs, count, bytes], async () =>
    noise(outputs * count * bytes),
  );
  const scales = graph.weight(`s${copy}`, 'float32', [outputs * count], async () =>
    new Float32Array(outputs * count).fill(0.01),
  );
  return graph.op('MatMulNBits', [read, codes, scales], {
    ...MICROSOFT,
    attributes: { K: inputs, N: outputs, bits, block_size: block, accuracy_level: accuracy },
  });
}

/** Bytes that no kernel can take a short cut through. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

function floats(type: 'float32' | 'float16', length: number): ArrayBufferView {
  const bytes = noise(length);
  // halves from 1/32 up to 1/16, with either sign
  if (type === 'float16')
    return Uint16Array.from(bytes, (byte) => ((byte & 128) << 8) | 0x2800 | (byte & 127));
  return Float32Array.from(bytes, (byte) => (byte - 128) / 2048);
}
