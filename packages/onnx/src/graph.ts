import {
  bytesField,
  type Encoded,
  floatField,
  intField,
  message,
  messageField,
  stringField,
  toBytes,
} from './protobuf.ts';

/** Element types, with the numbers of onnx.proto's TensorProto.DataType. */
export const ELEMENT_TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** Sizes are numbers, unknown ones names. */
export type Dims = readonly (number | string)[];

/** A graph inside an operator, as `GraphBuilder.subgraph` makes it. */
export interface Subgraph {
  readonly graph: Encoded;
}

/** Whole numbers become INT, `{ float }` FLOAT, lists INTS, text STRING, graphs GRAPH. */
export type Attribute = number | { readonly float: number } | readonly number[] | string | Subgraph;

export interface NodeOptions {
  /** `com.microsoft` for ONNX Runtime's own operators. */
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** One tensor of weights that lives outside the graph file. */
export interface ExternalTensor {
  readonly name: string;
  /** Position in the weights file, a multiple of 64. */
  readonly offset: number;
  readonly byteLength: number;
}

/** What makes the bytes of one or several external tensors, a part at a time: little is in memory. */
export interface WeightSource {
  readonly tensors: readonly ExternalTensor[];
  /** The next bytes of each of the tensors, until all are complete. A part holds until the next is asked for. */
  parts(): AsyncIterable<readonly Uint8Array[]>;
}

/** A graph and where its weights go. */
export interface BuiltGraph {
  /** The ModelProto, without the large weights. */
  readonly model: Uint8Array;
  /** In the order of their positions in the file `weightsFile`. */
  readonly weights: readonly ExternalTensor[];
  /** Every one of `weights` belongs to one source. */
  readonly sources: readonly WeightSource[];
  /** Name under which the graph looks for the weights, beside itself. */
  readonly weightsFile: string;
}

/** ONNX Runtime maps external tensors where they lie: keep each on its own cache line. */
const ALIGNMENT = 64;

/** A tensor of the weights file before it has its place. */
export interface Weight {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
}

const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
};

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function attributeProto(name: string, value: Attribute): Encoded {
  const named = stringField(1, name);
  if (typeof value === 'number') return message(named, intField(3, value), intField(20, 2));
  if (typeof value === 'string') return message(named, stringField(4, value), intField(20, 3));
  if ('graph' in value) return message(named, messageField(6, value.graph), intField(20, 5));
  if ('float' in value) return message(named, floatField(2, value.float), intField(20, 1));
  return message(named, ...value.map((item) => intField(8, item)), intField(20, 7));
}

function valueInfo(name: string, type: ElementType, dims: Dims): Encoded {
  const shape = message(
    ...dims.map((dim) => messageField(1, typeof dim === 'number' ? intField(1, dim) : stringField(2, dim))),
  );
  const tensor = message(intField(1, ELEMENT_TYPES[type]), messageField(2, shape));
  return message(stringField(1, name), messageField(2, messageField(1, tensor)));
}

/** What is a graph's own: a subgraph has its own, too. */
interface Scope {
  readonly nodes: Encoded[];
  readonly inputs: Encoded[];
  readonly outputs: Encoded[];
}

const newScope = (): Scope => ({ nodes: [], inputs: [], outputs: [] });

function graphProto(name: string, scope: Scope, initializers: readonly Encoded[] = []): Encoded {
  return message(
    ...scope.nodes.map((node) => messageField(1, node)),
    stringField(2, name),
    ...initializers.map((tensor) => messageField(5, tensor)),
    ...scope.inputs.map((value) => messageField(11, value)),
    ...scope.outputs.map((value) => messageField(12, value)),
  );
}

/** Collects nodes, weights, inputs and outputs, and writes them as one ModelProto. */
export class GraphBuilder {
  #scope = newScope();
  readonly #initializers: Encoded[] = [];
  readonly #external: ExternalTensor[] = [];
  readonly #sources: WeightSource[] = [];
  readonly #constants = new Map<string, string>();
  readonly #weightsFile: string;
  #names = 0;
  #holds = false;
  #nodeCount = 0;
  #end = 0;

  constructor(options: { readonly weightsFile?: string | undefined } = {}) {
    this.#weightsFile = options.weightsFile ?? 'weights.bin';
  }

  input(name: string, type: ElementType, dims: Dims): string {
    this.#scope.inputs.push(valueInfo(name, type, dims));
    return name;
  }

  output(name: string, type: ElementType, dims: Dims): void {
    this.#scope.outputs.push(valueInfo(name, type, dims));
  }

  /** Adds a node with one output and returns its name. */
  op(type: string, inputs: readonly string[], options: NodeOptions & { readonly as?: string } = {}): string {
    const name = options.as ?? `${type}_${this.#names++}`;
    this.node(type, inputs, [name], options);
    return name;
  }

  /** Adds a node; an empty name skips an optional input or output. */
  node(type: string, inputs: readonly string[], outputs: readonly string[], options: NodeOptions = {}): void {
    this.#scope.nodes.push(
      message(
        ...inputs.map((input) => stringField(1, input)),
        ...outputs.map((output) => stringField(2, output)),
        stringField(3, `${type}#${this.#nodeCount++}`),
        stringField(4, type),
        ...Object.entries(options.attributes ?? {}).map(([name, value]) =>
          messageField(5, attributeProto(name, value)),
        ),
        stringField(7, options.domain ?? ''),
      ),
    );
  }

  /**
   * A graph for an operator to run: the nodes, inputs and outputs that `write` adds. It sees all that the
   * graph around it has; weights and constants go there.
   */
  subgraph(name: string, write: () => void): Subgraph {
    const outer = this.#scope;
    const inner = newScope();
    this.#scope = inner;
    try {
      write();
    } finally {
      this.#scope = outer;
    }
    return { graph: graphProto(name, inner) };
  }

  /** Whether nodes are held now: what they make is not there for nodes that are added meanwhile. */
  get holds(): boolean {
    return this.#holds;
  }

  /** Gives the weights that `write` adds their places now; its nodes are added where the answer is called. */
  hold(write: () => void): () => void {
    const { nodes, ...rest } = this.#scope;
    const held: Encoded[] = [];
    this.#scope = { ...rest, nodes: held };
    this.#holds = true;
    try {
      write();
    } finally {
      this.#scope = { ...rest, nodes };
      this.#holds = false;
    }
    return () => void nodes.push(...held);
  }

  /** A small tensor inside the graph. */
  constant(name: string, type: ElementType, dims: readonly number[], data: ArrayBufferView): string {
    this.#initializers.push(
      message(
        ...dims.map((dim) => intField(1, dim)),
        intField(2, ELEMENT_TYPES[type]),
        stringField(8, name),
        bytesField(9, bytesOf(data)),
      ),
    );
    return name;
  }

  /** A constant int64 vector; equal ones are stored once. */
  ints(...values: readonly number[]): string {
    const key = values.join(',');
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `ints_${key}`;
    this.#constants.set(key, name);
    return this.constant(name, 'int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A tensor in the weights file, read in one piece. */
  weight(
    name: string,
    type: ElementType,
    dims: readonly number[],
    load: () => Promise<ArrayBufferView>,
  ): string {
    this.weights([{ name, type, dims }], async function* () {
      yield [await load()];
    });
    return name;
  }

  /** Tensors in the weights file whose bytes come together, a part of each at a time. */
  weights(weights: readonly Weight[], parts: () => AsyncIterable<readonly ArrayBufferView[]>): void {
    const tensors = weights.map((weight) => this.#place(weight));
    this.#sources.push({
      tensors,
      async *parts() {
        for await (const part of parts()) yield part.map(bytesOf);
      },
    });
  }

  #place({ name, type, dims }: Weight): ExternalTensor {
    const byteLength = dims.reduce((product, size) => product * size, ELEMENT_BYTES[type]);
    const offset = this.#end;
    this.#end = Math.ceil((offset + byteLength) / ALIGNMENT) * ALIGNMENT;
    const entry = (key: string, value: string) =>
      messageField(13, message(stringField(1, key), stringField(2, value)));
    this.#initializers.push(
      message(
        ...dims.map((dim) => intField(1, dim)),
        intField(2, ELEMENT_TYPES[type]),
        stringField(8, name),
        entry('location', this.#weightsFile),
        entry('offset', String(offset)),
        entry('length', String(byteLength)),
        intField(14, 1),
      ),
    );
    const tensor = { name, offset, byteLength };
    this.#external.push(tensor);
    return tensor;
  }

  build(): BuiltGraph {
    const graph = graphProto('decoder', this.#scope, this.#initializers);
    const opsets: readonly (readonly [string, number])[] = [
      ['', 17],
      ['com.microsoft', 1],
    ];
    const model = message(
      intField(1, 8),
      stringField(2, 'judge-decoding'),
      messageField(7, graph),
      ...opsets.map(([domain, version]) =>
        messageField(8, message(stringField(1, domain), intField(2, version))),
      ),
    );
    return {
      model: toBytes(model),
      weights: this.#external,
      sources: this.#sources,
      weightsFile: this.#weightsFile,
    };
  }
}
