import type { TensorSource } from '@judge-decoding/checkpoint/browser';
import type { GraphBuilder } from './graph.ts';
import { floatRows } from './matrix-forms.ts';
import { type RoundingError, requantise } from './requantise.ts';

const MICROSOFT = { domain: 'com.microsoft' } as const;
/** What 0 is in a row of unsigned codes: the fast kernels of WebAssembly read no signed ones. */
const ZERO = 128;

export interface WholeNumberMatrix {
  /** Of the product. */
  readonly name: string;
  readonly inputs: number;
  /** Matrices one below the other, [rows, inputs] each; what rounding costs is added to `error`. */
  readonly sources: readonly { readonly name: string; readonly rows: number; readonly error: RoundingError }[];
  /** Name of the output. */
  readonly as?: string;
  /** Whether input and output are without the leading 1. */
  readonly flat: boolean;
}

interface RoundedRows {
  /** uint8, as the input. */
  readonly codes: string;
  /** float32 [(1,) rows, 1] */
  readonly scales: string;
}

/**
 * Products of whole numbers of eight bits: each row of the input is rounded by a scale of its own, each output's weights by
 * one, and what is summed between is exact. So rows of a pass share nothing, and a row alone has the bits that it has among others.
 */
export class WholeNumberProducts {
  readonly #graph: GraphBuilder;
  readonly #rounded = new Map<string, RoundedRows>();
  readonly #zeroRows = new Map<boolean, string>();
  #constants: { readonly one: string; readonly zero: string; readonly zeros: string; readonly step: string } | undefined;

  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  /** input · weightᵀ: [(1,) rows, inputs] → [(1,) rows, outputs] */
  product(input: string, tensors: TensorSource, matrix: WholeNumberMatrix): string {
    const graph = this.#graph;
    const { name, inputs, sources, as, flat } = matrix;
    const outputs = sources.reduce((sum, { rows }) => sum + rows, 0);
    graph.weights(
      [
        { name, type: 'int8', dims: [inputs, outputs] },
        { name: `${name}.scales`, type: 'float32', dims: [outputs] },
      ],
      async function* () {
        const turned = new Int8Array(inputs * outputs);
        const scales = new Float32Array(outputs);
        let output = 0;
        for (const { name, rows, error } of sources) {
          for await (const part of floatRows(tensors, name, rows, inputs)) {
            const count = part.length / inputs;
            const codes = new Int8Array(part.length);
            const partScales = scales.subarray(output, output + count);
            requantise(part, inputs, 8, inputs, { codes, scales: partScales, offsets: NONE }, error);
            for (let row = 0; row < count; row++, output++)
              for (let i = 0; i < inputs; i++) turned[i * outputs + output] = codes[row * inputs + i]!;
          }
        }
        yield [turned, scales];
      },
    );
    const { one, zero } = this.#shared();
    const { codes, scales } = this.#roundRows(input, flat);
    const sums = graph.op('MatMulIntegerToFloat', [codes, name, one, `${name}.scales`, zero], MICROSOFT);
    return graph.op('Mul', [sums, scales], as === undefined ? {} : { as });
  }

  /** Each row by its largest element, for all who multiply by it. A row of zeros has the scale 0, and so only zeros come of it. */
  #roundRows(input: string, flat: boolean): RoundedRows {
    const known = this.#rounded.get(input);
    if (known !== undefined) return known;
    const graph = this.#graph;
    const largest = graph.op('ReduceMax', [graph.op('Abs', [input])], {
      attributes: { axes: [-1], keepdims: 1 },
    });
    const scales = graph.op('Mul', [largest, this.#shared().step]);
    const ofRows = graph.op('Reshape', [scales, graph.ints(-1)]);
    let zeros = this.#zeroRows.get(flat);
    if (zeros === undefined) {
      zeros = graph.op('Expand', [this.#shared().zeros, graph.op('Shape', [ofRows])]);
      this.#zeroRows.set(flat, zeros);
    }
    const codes = graph.op('QuantizeLinear', [input, ofRows, zeros], { attributes: { axis: flat ? 0 : 1 } });
    // of no rows ONNX Runtime's maximum has as many columns as the rows had
    const rounded = { codes, scales: flat ? graph.op('Reshape', [ofRows, graph.ints(-1, 1)]) : scales };
    this.#rounded.set(input, rounded);
    return rounded;
  }

  #shared() {
    const graph = this.#graph;
    this.#constants ??= {
      one: graph.constant('one', 'float32', [], Float32Array.of(1)),
      zero: graph.constant('code_of_zero', 'uint8', [], Uint8Array.of(ZERO)),
      zeros: graph.constant('codes_of_zero', 'uint8', [1], Uint8Array.of(ZERO)),
      step: graph.constant('step_of_codes', 'float32', [], Float32Array.of(1 / 127)),
    };
    return this.#constants;
  }
}

const NONE = new Float32Array(0);
