import type { Checkpoint, TensorType } from '@judge-decoding/checkpoint/browser';
import { foldedForm, foldOffsets, LOW_DIGIT } from './folded-offsets.ts';
import type { GraphBuilder } from './graph.ts';
import {
  floatRows,
  lookupForm,
  type MatrixForm,
  matrixCodes,
  matrixForm,
  packCodes,
  sameForm,
} from './matrix-forms.ts';
import { RoundingError } from './requantise.ts';
import type { RunDtype } from './weight-dtype.ts';
import type { CarriedWeights, WeightsReport } from './weights-report.ts';
import { type InputDigits, WholeNumberProducts } from './whole-number-products.ts';

const MICROSOFT = { domain: 'com.microsoft' } as const;
/** A weight as Hugging Face stores it, [outputs, inputs], is used as it lies. */
const TRANSPOSED = { ...MICROSOFT, attributes: { transB: 1 } } as const;
/**
 * On a processor each row of the input is rounded to 8 bits by blocks, each row for itself: many times faster,
 * and the rows of a pass share nothing. A GPU multiplies as it is.
 */
const ACCURACY_LEVEL = { cpu: 4, wasm: 4, webgpu: 0 } as const;

/** ONNX Runtime's provider that a graph is written for: they know other operators, and like other layouts. */
export type Provider = 'cpu' | 'webgpu';

/** `wasm` is the CPU provider in WebAssembly, where products by blocks make floats of the whole matrix first. */
export type RunsOn = Provider | 'wasm';

/** One matrix below others: `name.weight` [rows, inputs], and `name.bias` [rows] where there is one. */
export interface LinearPart {
  readonly name: string;
  readonly rows: number;
  readonly bias?: boolean;
}

export interface LinearOptions {
  /** Name of the output. */
  readonly as?: string | undefined;
  /** Whether input and output are without the leading 1. */
  readonly flat?: boolean;
}

type Carried = Omit<CarriedWeights, 'matrices' | 'relativeError'>;

/** Puts a checkpoint's weights into a graph, together with what multiplies by them or looks them up. */
export class DecoderWeights {
  readonly #graph: GraphBuilder;
  readonly #tensors: Checkpoint['tensors'];
  readonly #bits: 4 | 8 | 32;
  readonly #provider: RunsOn;
  readonly #carried = new Map<string, Carried & { matrices: number; readonly error: RoundingError }>();
  readonly #widened = new Map<string, string>();
  readonly #floatNames = new Set<string>();
  readonly #wholeNumbers: WholeNumberProducts | undefined;
  #hasDigits = false;
  #bytesPerToken = 0;

  /** `bits` 32 keeps every weight a float; `digits` of the inputs of products of whole numbers. */
  constructor(
    graph: GraphBuilder,
    tensors: Checkpoint['tensors'],
    bits: 4 | 8 | 32,
    provider: RunsOn = 'cpu',
    digits: InputDigits = 1,
  ) {
    this.#graph = graph;
    this.#provider = provider;
    this.#tensors = tensors;
    this.#bits = bits;
    this.#wholeNumbers =
      bits === 8 && provider === 'wasm' ? new WholeNumberProducts(graph, digits) : undefined;
  }

  /** The widest type multiplied by so far. */
  get dtype(): RunDtype {
    const bits = [...this.#carried.values()].filter(({ use }) => use === 'product').map((each) => each.bits);
    const widest = Math.max(...bits);
    return widest === 4 ? 'int4' : widest === 8 ? 'int8' : 'fp32';
  }

  report(): WeightsReport {
    return {
      dtype: this.dtype,
      carried: [...this.#carried.values()].map(({ error, ...carried }) => ({
        ...carried,
        relativeError: error.relative,
      })),
      bytesPerToken: this.#bytesPerToken,
    };
  }

  /** Whether a product by this matrix has the same bits for a row alone as for a row among others. */
  sameAlone(name: string): boolean {
    if (this.#bits === 32) return false;
    return this.#wholeNumbers !== undefined || this.#formOf({ name }).bits === 8;
  }

  /** With `offset` added to every number. float32 [size] */
  vector(name: string, size: number, offset = 0): string {
    return this.#graph.weight(name, 'float32', [size], async () => {
      const values = await this.#tensors.read(name, { first: 0, count: size });
      return offset === 0 ? values : values.map((value) => value + offset);
    });
  }

  /** input · weightᵀ (+ bias), the parts' outputs one after another: [1, rows, inputs] → [1, rows, sum of the parts' rows] */
  linear(
    input: string,
    name: string,
    inputs: number,
    parts: readonly LinearPart[],
    { as, flat = false }: LinearOptions = {},
  ): string {
    const graph = this.#graph;
    const bias = this.#bias(name, parts);
    const runs = this.#bits === 32 || this.#wholeNumbers !== undefined ? [parts] : this.#runsOfOneForm(parts);
    const renamed = as === undefined ? {} : { as };
    if (runs.length === 1) {
      const own = { flat, ...(bias === undefined ? renamed : {}) };
      const product = this.#product(input, `${name}.weight`, inputs, parts, own);
      return bias === undefined ? product : graph.op('Add', [product, bias], renamed);
    }
    const products = runs.map((run, index) =>
      this.#product(input, `${name}.${index}.weight`, inputs, run, { flat }),
    );
    const joined = graph.op('Concat', products, {
      attributes: { axis: -1 },
      ...(bias === undefined ? renamed : {}),
    });
    return bias === undefined ? joined : graph.op('Add', [joined, bias], renamed);
  }

  /** Rows of a matrix: int32 [picked] → float32 [picked, columns] */
  rows(name: string, picked: string, rows: number, columns: number): string {
    const graph = this.#graph;
    // looked up, not multiplied: what is not needed stays on the disk, so eight bits cost nothing
    const quantised = this.#bits !== 32 && this.#provider !== 'webgpu';
    const form = quantised ? lookupForm(this.#tensors.info(name).type, columns) : undefined;
    const stored = `${name}.rows`;
    if (form === undefined) {
      // a tied float32 output matrix goes by the same name, and so is the same
      const weight = this.#bits === 32 && this.#provider !== 'webgpu' ? name : stored;
      return graph.op('Gather', [this.#floats(weight, [{ name, rows }], columns, 'lookup'), picked]);
    }
    const { block, offsets } = form;
    const blocks = columns / block;
    const tensors = this.#tensors;
    const error = this.#carry(name, form, 'lookup');
    const weights = [
      { name: stored, type: 'int8', dims: [rows, blocks, block] },
      { name: `${stored}.scales`, type: 'float32', dims: [rows, blocks, 1] },
      ...(offsets ? [{ name: `${stored}.offsets`, type: 'float32', dims: [rows, blocks, 1] } as const] : []),
    ] as const;
    graph.weights(weights, async function* () {
      for await (const part of matrixCodes(tensors, { name, rows, columns, form }, error)) {
        yield offsets ? [part.codes, part.scales, part.offsets] : [part.codes, part.scales];
      }
    });
    const codes = graph.op('Cast', [graph.op('Gather', [stored, picked])], { attributes: { to: 1 } });
    let values = graph.op('Mul', [codes, graph.op('Gather', [`${stored}.scales`, picked])]);
    if (offsets) values = graph.op('Add', [values, graph.op('Gather', [`${stored}.offsets`, picked])]);
    return graph.op('Reshape', [values, graph.ints(-1, columns)]);
  }

  #product(
    input: string,
    name: string,
    inputs: number,
    parts: readonly LinearPart[],
    { as, flat }: LinearOptions,
  ): string {
    const graph = this.#graph;
    const outputs = parts.reduce((sum, { rows }) => sum + rows, 0);
    const sources = parts.map((part) => ({ name: `${part.name}.weight`, rows: part.rows }));
    const renamed = as === undefined ? {} : { as };
    if (this.#bits === 32) return this.#floatProduct(input, name, inputs, sources, renamed);
    if (this.#wholeNumbers !== undefined) {
      this.#bytesPerToken += outputs * (inputs + 4);
      const rounded = sources.map((source) => ({
        ...source,
        error: this.#carry(source.name, { bits: 8, block: inputs, offsets: false, exact: false }, 'product'),
      }));
      const matrix = { name, inputs, sources: rounded, flat: flat === true, ...renamed };
      return this.#wholeNumbers.product(input, this.#tensors, matrix);
    }
    const form = this.#formOf(parts[0]!);
    const { bits, block, offsets } = form;
    // what blocks have besides their scale lies behind the columns, and so the input is longer, too
    const columns = offsets ? foldedForm(inputs, form).columns : inputs;
    const blocks = Math.ceil(columns / block);
    const zeroBytes = offsets ? Math.ceil((blocks * bits) / 8) : 0;
    const tensors = this.#tensors;
    const forms = parts.map((part) => this.#formOf(part));
    const errors = sources.map(({ name }, index) => this.#carry(name, forms[index]!, 'product'));
    const [scales, zeroPoints] = [`${name}.scales`, `${name}.zero_points`];
    graph.weights(
      [
        { name, type: 'uint8', dims: [outputs, blocks, (block * bits) / 8] },
        { name: scales, type: 'float32', dims: [outputs * blocks] },
        ...(offsets ? [{ name: zeroPoints, type: 'uint8', dims: [outputs, zeroBytes] } as const] : []),
      ],
      async function* () {
        for (const [index, source] of sources.entries()) {
          const rows = { ...source, columns: inputs, form: forms[index]! };
          const error = errors[index]!;
          for await (const part of matrixCodes(tensors, rows, error)) {
            if (offsets) {
              const folded = foldOffsets(part, inputs, form, error);
              yield [packCodes(folded.codes, columns, form), folded.scales, folded.zeroPoints];
            } else yield [packCodes(part.codes, inputs, form), part.scales];
          }
        }
      },
    );
    // a four-bit product of one row from blocks of at least 32 reads codes and scales, any other a sum for each block besides
    const sums = bits === 8 || block < 32 ? 4 : 0;
    this.#bytesPerToken += outputs * (blocks * ((block * bits) / 8 + 4 + sums) + zeroBytes);
    const read = offsets ? this.#withSums(input, inputs, form, flat === true) : input;
    return graph.op('MatMulNBits', [read, name, scales, ...(offsets ? [zeroPoints] : [])], {
      ...MICROSOFT,
      attributes: {
        K: columns,
        N: outputs,
        bits,
        block_size: block,
        accuracy_level: ACCURACY_LEVEL[this.#provider],
      },
      ...renamed,
    });
  }

  #floatProduct(
    input: string,
    name: string,
    inputs: number,
    sources: readonly { readonly name: string; readonly rows: number }[],
    renamed: { readonly as?: string },
  ): string {
    const graph = this.#graph;
    if (this.#provider !== 'webgpu') {
      const weight = this.#floats(name, sources, inputs, 'product');
      return graph.op('FusedMatMul', [input, weight], { ...TRANSPOSED, ...renamed });
    }
    const outputs = sources.reduce((sum, { rows }) => sum + rows, 0);
    for (const source of sources) this.#carry(source.name, undefined, 'product');
    this.#bytesPerToken += 4 * outputs * inputs;
    const tensors = this.#tensors;
    // neighbouring threads read neighbouring outputs: [inputs, outputs], where a file has it the other way round
    const weight = graph.weight(`${name}.turned`, 'float32', [inputs, outputs], async () => {
      const turned = new Float32Array(inputs * outputs);
      let column = 0;
      for (const source of sources) {
        for await (const part of floatRows(tensors, source.name, source.rows, inputs)) {
          for (let from = 0; from < part.length; from += inputs, column++) {
            for (let i = 0; i < inputs; i++) turned[i * outputs + column] = part[from + i]!;
          }
        }
      }
      return turned;
    });
    return graph.op('MatMul', [input, weight], renamed);
  }

  /**
   * An input with the sums of its blocks behind it, as a matrix with folded offsets is multiplied by; once for
   * all who need it: [(1,) rows, inputs] → [(1,) rows, folded columns]
   */
  #withSums(input: string, inputs: number, form: MatrixForm, flat: boolean): string {
    const { block, bits } = form;
    const key = `${input} ${bits} ${block}`;
    const known = this.#widened.get(key);
    if (known !== undefined) return known;
    const graph = this.#graph;
    const { blocks, digits, columns } = foldedForm(inputs, form);
    const lead = flat ? [-1] : [1, -1];
    const apart = graph.op('Reshape', [input, graph.ints(-1, blocks, block)]);
    let sums = graph.op('ReduceSum', [apart, graph.ints(2)], { attributes: { keepdims: 1 } });
    if (digits === 2) sums = graph.op('Mul', [sums, this.#digits()]);
    let behind = graph.op('Reshape', [sums, graph.ints(...lead, digits * blocks)]);
    const empty = columns - inputs - digits * blocks;
    if (empty > 0) {
      const none = lead.map(() => 0);
      behind = graph.op('Pad', [behind, graph.ints(...none, 0, ...none, empty)]);
    }
    const widened = graph.op('Concat', [input, behind], { attributes: { axis: -1 } });
    this.#widened.set(key, widened);
    return widened;
  }

  /** What a sum is multiplied by for each of two digits. float32 [2] */
  #digits(): string {
    const name = 'digits';
    if (!this.#hasDigits) this.#graph.constant(name, 'float32', [2], Float32Array.of(1, LOW_DIGIT));
    this.#hasDigits = true;
    return name;
  }

  /** Matrices one below the other as float32, once: [sum of rows, columns] */
  #floats(
    name: string,
    sources: readonly { readonly name: string; readonly rows: number }[],
    columns: number,
    use: 'product' | 'lookup',
  ): string {
    const tensors = this.#tensors;
    const total = sources.reduce((sum, { rows }) => sum + rows, 0);
    for (const source of sources) this.#carry(source.name, undefined, use);
    if (use === 'product') this.#bytesPerToken += 4 * total * columns;
    if (this.#floatNames.has(name)) return name;
    this.#floatNames.add(name);
    this.#graph.weights([{ name, type: 'float32', dims: [total, columns] }], async function* () {
      for (const source of sources) {
        for await (const part of floatRows(tensors, source.name, source.rows, columns)) yield [part];
      }
    });
    return name;
  }

  #bias(name: string, parts: readonly LinearPart[]): string | undefined {
    if (!parts.some(({ bias }) => bias)) return undefined;
    const total = parts.reduce((sum, { rows }) => sum + rows, 0);
    const tensors = this.#tensors;
    return this.#graph.weight(`${name}.bias`, 'float32', [total], async () => {
      const data = new Float32Array(total);
      let offset = 0;
      for (const { name, rows, bias } of parts) {
        if (bias) data.set(await tensors.read(`${name}.bias`), offset);
        offset += rows;
      }
      return data;
    });
  }

  #formOf({ name }: Pick<LinearPart, 'name'>): MatrixForm {
    return matrixForm(this.#tensors.info(`${name}.weight`).type, this.#bits === 4 ? 4 : 8);
  }

  /** Neighbours of one form are one product. */
  #runsOfOneForm(parts: readonly LinearPart[]): LinearPart[][] {
    const runs: LinearPart[][] = [];
    for (const part of parts) {
      const run = runs.at(-1);
      if (run !== undefined && sameForm(this.#formOf(run[0]!), this.#formOf(part))) run.push(part);
      else runs.push([part]);
    }
    return runs;
  }

  /** Notes what becomes of a matrix; what rounding it costs is to be added to the answer. */
  #carry(
    name: string,
    form: (Omit<MatrixForm, 'block'> & { readonly block: number }) | undefined,
    use: 'product' | 'lookup',
  ): RoundingError {
    const { bits, block, offsets, ...kept } = form ?? { bits: 32, block: 1, offsets: false, exact: true };
    // what folding leaves of an offset is rounded
    const exact = kept.exact && !(offsets && use === 'product');
    const stored: TensorType = this.#tensors.info(name).type;
    const key = [stored, bits, block, use, exact].join();
    let carried = this.#carried.get(key);
    if (carried === undefined) {
      carried = { stored, bits, block, offsets, use, exact, matrices: 0, error: new RoundingError() };
      this.#carried.set(key, carried);
    }
    carried.matrices++;
    return carried.error;
  }
}
