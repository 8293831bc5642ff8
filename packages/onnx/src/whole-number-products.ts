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

/** Of one digit; two are [2, rows, inputs] and [2, rows, 1]: all rows' first digits, then their second ones. */
interface RoundedRows {
  /** uint8 [(1,) rows, inputs] */
  readonly codes: string;
  /** float32, of each row of codes: [(1,) rows, 1] */
  readonly scales: string;
}

/**
 * Products of whole numbers of eight bits: each row of the input is rounded by a scale of its own, each output's weights by
 * one, and what is summed between is exact. So rows of a pass share nothing, and a row alone has the bits that it has among others.
 *
 * With two digits a row of the input is two rows of codes, what the first leaves in the second: of a row with a few large
 * elements eight bits leave little (docs/decisions/2026-11-29-whole-numbers-in-webassembly.md). One digit takes its step from a
 * row's largest element; two have bits to spare and take it from the row's root mean square, which one operator divides by.
 */
export class WholeNumberProducts {
  readonly #graph: GraphBuilder;
  readonly #rounded = new Map<string, RoundedRows>();
  readonly #zeroRows = new Map<string, string>();
  readonly #digits: InputDigits;
  readonly #stepsOf = new Map<number, DigitSteps>();
  #constants: Record<'one' | 'zero', string> | undefined;
  #ofOneDigit: Record<'zeros' | 'step', string> | undefined;

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
    let rounded = this.#rounded.get(input);
    if (rounded === undefined) {
      rounded = this.#digits === 1 ? this.#roundOnce(input, flat) : this.#roundTwice(input, inputs, flat);
      this.#rounded.set(input, rounded);
    }
    const { codes, scales } = rounded;
    const sums = graph.op('MatMulIntegerToFloat', [codes, name, one, `${name}.scales`, zero], MICROSOFT);
    if (this.#digits === 1) return graph.op('Mul', [sums, scales], renamed);
    return graph.op('ReduceSum', [graph.op('Mul', [sums, scales]), graph.ints(0)], {
      attributes: { keepdims: flat ? 0 : 1 },
      ...renamed,
    });
  }

  /** Each row by its largest element, for all who multiply by it. A row of zeros has the scale 0, and so only zeros come of it. */
  #roundOnce(input: string, flat: boolean): RoundedRows {
    const graph = this.#graph;
    const { step, zeros: zerosOfOne } = this.#sharedOfOne();
    const largest = graph.op('ReduceMax', [graph.op('Abs', [input])], {
      attributes: { axes: [-1], keepdims: 1 },
    });
    const scales = graph.op('Mul', [largest, step]);
    const ofRows = graph.op('Reshape', [scales, graph.ints(-1)]);
    const kind = `${flat} ${graph.holds}`;
    let zeros = this.#zeroRows.get(kind);
    if (zeros === undefined) {
      zeros = graph.op('Expand', [zerosOfOne, graph.op('Shape', [ofRows])]);
      this.#zeroRows.set(kind, zeros);
    }
    const codes = graph.op('QuantizeLinear', [input, ofRows, zeros], { attributes: { axis: flat ? 0 : 1 } });
    // of no rows ONNX Runtime's maximum has as many columns as the rows had
    return { codes, scales: flat ? graph.op('Reshape', [ofRows, graph.ints(-1, 1)]) : scales };
  }

  /** Each row divided by its root mean square, and so with steps that are the same for all; what the first digit leaves, half a step of it at most, is the second. */
  #roundTwice(input: string, inputs: number, flat: boolean): RoundedRows {
    const graph = this.#graph;
    const { zero } = this.#shared();
    const { ones, first, second, both } = this.#steps(inputs);
    const rows = flat ? graph.op('Unsqueeze', [input, graph.ints(0)]) : input;
    const [even, inverse] = [`${input}.even`, `${input}.inverse`];
    graph.node('SimplifiedLayerNormalization', [rows, ones], [even, inverse], {
      attributes: { axis: -1, epsilon: { float: LEAST }, stash_type: 1 },
    });
    const codes = graph.op('QuantizeLinear', [even, first, zero]);
    const rest = graph.op('Sub', [even, graph.op('DequantizeLinear', [codes, first, zero])]);
    const restCodes = graph.op('QuantizeLinear', [rest, second, zero]);
    return {
      codes: graph.op('Concat', [codes, restCodes], { attributes: { axis: 0 } }),
      scales: graph.op('Div', [both, inverse]),
    };
  }

  /** Of rows whose root mean square is 1 no element is larger than the root of their number. */
  #steps(inputs: number): DigitSteps {
    let steps = this.#stepsOf.get(inputs);
    if (steps === undefined) {
      const graph = this.#graph;
      const step = Math.sqrt(inputs) / 127;
      const name = (part: string) => `digits.${inputs}.${part}`;
      const floats = (part: string, dims: readonly number[], ...values: number[]) =>
        graph.constant(name(part), 'float32', dims, Float32Array.from(values));
      steps = {
        ones: floats('ones', [inputs], ...new Array<number>(inputs).fill(1)),
        first: floats('first', [], step),
        second: floats('second', [], step / 254),
        both: floats('both', [2, 1, 1], step, step / 254),
      };
      this.#stepsOf.set(inputs, steps);
    }
    return steps;
  }

  #shared() {
    const graph = this.#graph;
    this.#constants ??= {
      one: graph.constant('one', 'float32', [], Float32Array.of(1)),
      zero: graph.constant('code_of_zero', 'uint8', [], Uint8Array.of(ZERO)),
    };
    return this.#constants;
  }

  #sharedOfOne() {
    const graph = this.#graph;
    this.#ofOneDigit ??= {
      zeros: graph.constant('codes_of_zero', 'uint8', [1], Uint8Array.of(ZERO)),
      step: graph.constant('step_of_codes', 'float32', [], Float32Array.of(1 / 127)),
    };
    return this.#ofOneDigit;
  }
}

/** For rows of one length: what a step of each digit is worth, one above the other as well, and as many ones as there are elements. */
interface DigitSteps {
  readonly ones: string;
  readonly first: string;
  readonly second: string;
  readonly both: string;
}

/** Added to a row's mean square: a row of zeros stays one. */
const LEAST = 1e-30;
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
