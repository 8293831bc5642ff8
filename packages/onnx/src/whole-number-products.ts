import type { TensorSource } from '@judge-decoding/checkpoint/browser';
import type { GraphBuilder } from './graph.ts';
import { floatRows } from './matrix-forms.ts';
import { type RoundingError, requantise } from './requantise.ts';

const MICROSOFT = { domain: 'com.microsoft' } as const;
/** What 0 is in a row of unsigned codes: the fast kernels of WebAssembly read no signed ones. */
const ZERO = 128;

/** Of the inputs. 0: one digit, whose scale all rows of a pass share, in an operator of its own; so published graphs have it. */
export type InputDigits = 0 | 1 | 2;

export interface WholeNumberMatrix {
  /** Of the product. */
  readonly name: string;
  readonly inputs: number;
  /** Matrices one below the other, [rows, inputs] each; what rounding costs is added to `error`. */
  readonly sources: readonly {
    readonly name: string;
    readonly rows: number;
    readonly error: RoundingError;
  }[];
  /** Name of the output. */
  readonly as?: string;
  /** Whether input and output are without the leading 1. */
  readonly flat: boolean;
}

interface RoundedRows {
  /** uint8 [(1,) digits · rows, inputs]: all rows' first digits, then their second ones. */
  readonly codes: string;
  /** float32, of each row of codes: [(1,) digits · rows, 1] */
  readonly scales: string;
}

/**
 * Products of whole numbers of eight bits: each row of the input is rounded by a scale of its own, each output's weights by
 * one, and what is summed between is exact. So rows of a pass share nothing, and a row alone has the bits that it has among others.
 *
 * With two digits a row of the input is two rows of codes, what the first leaves in the second: of a row with a few large
 * elements eight bits leave little (docs/decisions/2026-11-29-whole-numbers-in-webassembly.md).
 */
export class WholeNumberProducts {
  readonly #graph: GraphBuilder;
  readonly #rounded = new Map<string, RoundedRows>();
  readonly #zeroRows = new Map<string, string>();
  readonly #digits: InputDigits;
  #constants: Record<'one' | 'zero' | 'zeros' | 'step' | 'secondStep', string> | undefined;

  constructor(graph: GraphBuilder, digits: InputDigits) {
    this.#graph = graph;
    this.#digits = digits;
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
        let first = 0;
        for (const { name, rows, error } of sources) {
          for await (const part of floatRows(tensors, name, rows, inputs)) {
            const count = part.length / inputs;
            const codes = new Int8Array(part.length);
            const partScales = scales.subarray(first, first + count);
            requantise(part, inputs, 8, inputs, { codes, scales: partScales, offsets: NONE }, error);
            turn(codes, inputs, turned.subarray(first), outputs);
            first += count;
          }
        }
        yield [turned, scales];
      },
    );
    const renamed = as === undefined ? {} : { as };
    if (this.#digits === 0)
      return graph.op('DynamicQuantizeMatMul', [input, name, `${name}.scales`], { ...MICROSOFT, ...renamed });
    const { one, zero } = this.#shared();
    const { codes, scales } = this.#roundRows(input, flat);
    const sums = graph.op('MatMulIntegerToFloat', [codes, name, one, `${name}.scales`, zero], MICROSOFT);
    if (this.#digits === 1) return graph.op('Mul', [sums, scales], renamed);
    const halves = [`${name}.first`, `${name}.second`];
    graph.node('Split', [graph.op('Mul', [sums, scales])], halves, { attributes: { axis: flat ? 0 : 1 } });
    return graph.op('Add', halves, renamed);
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
    const kind = `${flat} ${graph.holds}`;
    let zeros = this.#zeroRows.get(kind);
    if (zeros === undefined) {
      zeros = graph.op('Expand', [this.#shared().zeros, graph.op('Shape', [ofRows])]);
      this.#zeroRows.set(kind, zeros);
    }
    const axis = { attributes: { axis: flat ? 0 : 1 } };
    const codes = graph.op('QuantizeLinear', [input, ofRows, zeros], axis);
    // of no rows ONNX Runtime's maximum has as many columns as the rows had
    const apart = (each: string) => graph.op('Reshape', [each, graph.ints(-1, 1)]);
    const rounded =
      this.#digits === 1
        ? { codes, scales: flat ? apart(ofRows) : scales }
        : this.#withRest(input, codes, { ofRows, zeros, axis, apart });
    this.#rounded.set(input, rounded);
    return rounded;
  }

  /** What the first digit leaves, half a step of it at most, as the second. */
  #withRest(
    input: string,
    first: string,
    {
      ofRows,
      zeros,
      axis,
      apart,
    }: {
      readonly ofRows: string;
      readonly zeros: string;
      readonly axis: { readonly attributes: { readonly axis: number } };
      readonly apart: (scales: string) => string;
    },
  ): RoundedRows {
    const graph = this.#graph;
    const rest = graph.op('Sub', [input, graph.op('DequantizeLinear', [first, ofRows, zeros], axis)]);
    const ofRests = graph.op('Mul', [ofRows, this.#shared().secondStep]);
    const second = graph.op('QuantizeLinear', [rest, ofRests, zeros], axis);
    return {
      codes: graph.op('Concat', [first, second], axis),
      scales: apart(graph.op('Concat', [ofRows, ofRests], { attributes: { axis: 0 } })),
    };
  }

  #shared() {
    const graph = this.#graph;
    this.#constants ??= {
      one: graph.constant('one', 'float32', [], Float32Array.of(1)),
      zero: graph.constant('code_of_zero', 'uint8', [], Uint8Array.of(ZERO)),
      zeros: graph.constant('codes_of_zero', 'uint8', [1], Uint8Array.of(ZERO)),
      step: graph.constant('step_of_codes', 'float32', [], Float32Array.of(1 / 127)),
      secondStep: graph.constant('step_of_second_codes', 'float32', [], Float32Array.of(1 / 254)),
    };
    return this.#constants;
  }
}

const NONE = new Float32Array(0);
/** Rows that are turned together: what is read of them stays near the processor. */
const TOGETHER = 64;

/** [rows, columns] → the first columns of [columns, width] */
function turn(codes: Int8Array, columns: number, turned: Int8Array, width: number): void {
  const rows = codes.length / columns;
  for (let first = 0; first < rows; first += TOGETHER) {
    const end = Math.min(first + TOGETHER, rows);
    for (let column = 0; column < columns; column++)
      for (let row = first; row < end; row++) turned[column * width + row] = codes[row * columns + column]!;
  }
}
