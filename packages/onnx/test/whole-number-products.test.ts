import type { TensorSource } from '@judge-decoding/checkpoint/browser';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { expect, test } from 'vitest';
import { GraphBuilder } from '../src/graph.ts';
import { RoundingError } from '../src/requantise.ts';
import { weightsInMemory } from '../src/weight-parts.ts';
import { type InputDigits, WholeNumberProducts } from '../src/whole-number-products.ts';

env.wasm.numThreads = 1;

const [INPUTS, OUTPUTS] = [96, 70] as const;
/** The same numbers each time, between -1 and 1. */
const numbers = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(seed + 12.9898 * i) * Math.cos(78.233 * i));
const weights = numbers(INPUTS * OUTPUTS, 1);

/** input · weightᵀ in the graph of so many digits, for a matrix of two parts. */
async function productOf(digits: InputDigits, flat: boolean) {
  const graph = new GraphBuilder();
  const lead = flat ? [] : [1];
  graph.input('x', 'float32', [...lead, 'rows', INPUTS]);
  const tensors = {
    read: async (name: string, { first, count }: { readonly first: number; readonly count: number }) => {
      const from = INPUTS * ((name === 'upper' ? 0 : 40) + first);
      return weights.slice(from, from + INPUTS * count);
    },
  } as unknown as TensorSource;
  const error = new RoundingError();
  new WholeNumberProducts(graph, digits).product('x', tensors, {
    name: 'w',
    inputs: INPUTS,
    sources: [
      { name: 'upper', rows: 40, error },
      { name: 'lower', rows: OUTPUTS - 40, error },
    ],
    as: 'y',
    flat,
  });
  graph.output('y', 'float32', [...lead, 'rows', OUTPUTS]);
  const built = graph.build();
  const session = await InferenceSession.create(built.model, {
    externalData: [{ path: built.weightsFile, data: await weightsInMemory(built) }],
  });
  return {
    error: error.relative,
    run: async (input: Float32Array) => {
      const rows = input.length / INPUTS;
      const { y } = await session.run({ x: new Tensor('float32', input, [...lead, rows, INPUTS]) });
      expect(y!.dims).toEqual([...lead, rows, OUTPUTS]);
      return y!.data as Float32Array;
    },
  };
}

function exactly(input: Float32Array): Float64Array {
  const rows = input.length / INPUTS;
  return Float64Array.from({ length: rows * OUTPUTS }, (_, at) => {
    const [row, output] = [Math.floor(at / OUTPUTS), at % OUTPUTS];
    let sum = 0;
    for (let i = 0; i < INPUTS; i++) sum += input[row * INPUTS + i]! * weights[output * INPUTS + i]!;
    return sum;
  });
}

/** Root of the squared differences over the squares. */
const apart = (got: Float32Array, wanted: Float64Array) =>
  Math.sqrt(
    wanted.reduce((sum, value, i) => sum + (got[i]! - value) ** 2, 0) /
      wanted.reduce((sum, value) => sum + value ** 2, 0),
  );

for (const digits of [0, 1, 2] as const)
  for (const flat of [false, true]) {
    test(`${digits} digits${flat ? ', flat' : ''}: the product, of one row and of many`, async () => {
      const { run, error } = await productOf(digits, flat);
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(0.01);
      for (const rows of [1, 2, 17]) {
        const input = numbers(rows * INPUTS, rows);
        expect(apart(await run(input), exactly(input))).toBeLessThan(digits === 2 ? 0.01 : 0.02);
      }
    });
  }

for (const digits of [1, 2] as const)
  for (const flat of [false, true]) {
    const said = `${digits} digits${flat ? ', flat' : ''}`;

    test(`${said}: a row alone has the bits that it has among others`, async () => {
      const { run } = await productOf(digits, flat);
      const input = numbers(9 * INPUTS, 3).map((value, i) => value * 10 ** (Math.floor(i / INPUTS) - 4));
      const together = await run(input);
      for (let row = 0; row < 9; row++) {
        const alone = await run(input.slice(row * INPUTS, (row + 1) * INPUTS));
        expect(alone).toEqual(together.slice(row * OUTPUTS, (row + 1) * OUTPUTS));
      }
    });

    test(`${said}: of zeros come zeros${flat ? ', of no rows none' : ''}`, async () => {
      const { run } = await productOf(digits, flat);
      const input = numbers(3 * INPUTS, 5).fill(0, INPUTS, 2 * INPUTS);
      const product = await run(input);
      expect(product.slice(OUTPUTS, 2 * OUTPUTS).every((value) => value === 0)).toBe(true);
      expect(product.every(Number.isFinite)).toBe(true);
      // where no row is picked
      if (flat) expect(await run(new Float32Array(0))).toHaveLength(0);
    });
  }

test('a row with one large element loses the others in one digit, not in two', async () => {
  const input = numbers(INPUTS, 7);
  input[11] = 300;
  const others = exactly(input.map((value, i) => (i === 11 ? 0 : value)));
  const lost = async (digits: InputDigits) => {
    const { run } = await productOf(digits, false);
    const [whole, alone] = [await run(input), await run(input.map((value, i) => (i === 11 ? value : 0)))];
    return apart(
      whole.map((value, i) => value - alone[i]!),
      others,
    );
  };
  expect(await lost(1)).toBeGreaterThan(0.3);
  expect(await lost(2)).toBeLessThan(0.03);
});
