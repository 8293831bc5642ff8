/**
 * ONNX Runtime's WebAssembly multiplies and adds floats in two instructions, as every browser has them. Where a browser has relaxed
 * SIMD, one does both: a kernel of matrix products, which is bound by them, takes a quarter less. Its published builds have no such
 * kernel, so this one is made of theirs as it is loaded: in functions that are full of f32x4.mul with f32x4.add behind it, both become
 * f32x4.relaxed_madd. Sums are made in the same order, and are rounded once instead of twice where the processor can do that.
 */

/** Fewer pairs than this are no kernel of products: polynomials stay as they are. */
const LEAST_PAIRS = 24;

const CODE_SECTION = 10;
const V128 = 0x7b;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const RELAXED_MADD = [0xfd, 0x85, 0x02];
const SIMD = { mul: 0xe6, add: 0xe4 } as const;

/** Whether this browser has f32x4.relaxed_madd. */
export const hasRelaxedSimd = (): boolean =>
  WebAssembly.validate(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[1, 8, 1, 0x60, 3, V128, V128, V128, 1, V128],
      ...[3, 2, 1, 0],
      ...[CODE_SECTION, 13, 1, 11, 0, LOCAL_GET, 0, LOCAL_GET, 1, LOCAL_GET, 2, ...RELAXED_MADD, 0x0b],
    ]),
  );

export interface FusedProducts {
  readonly module: Uint8Array<ArrayBuffer>;
  /** Functions that changed, and pairs in them. */
  readonly functions: number;
  readonly pairs: number;
}

/** The module with its kernels of float products fused; throws where it cannot be read. */
export function fuseProducts(module: Uint8Array<ArrayBuffer>): FusedProducts {
  const reader = new Reader(module);
  const { code, parameters } = sectionsOf(reader);
  reader.at = code.start;
  const count = reader.unsigned();
  const places = placesOfMul(module, reader.at, code.end);
  let place = 0;
  const parts: (Uint8Array | readonly number[])[] = [];
  let [functions, pairs] = [0, 0];
  for (let index = 0; index < count; index++) {
    const whole = reader.at;
    const size = reader.unsigned();
    const end = reader.at + size;
    const from = place;
    while (places[place]! < end) place++;
    // most functions are not worth reading
    const body = place - from < LEAST_PAIRS ? undefined : readBody(reader, end);
    reader.at = end;
    if (body === undefined || body.pairs.length < LEAST_PAIRS) {
      parts.push(module.subarray(whole, end));
      continue;
    }
    functions++;
    pairs += body.pairs.length;
    const fused = fusedBody(module, body, parameters[index]! + body.locals);
    parts.push(unsigned(fused.length), fused);
  }
  const counted = unsigned(count);
  const size = parts.reduce((sum, { length }) => sum + length, counted.length);
  return {
    module: joined([
      module.subarray(0, code.sizeAt),
      unsigned(size),
      counted,
      ...parts,
      module.subarray(code.end),
    ]),
    functions,
    pairs,
  };
}

/** Where the bytes of f32x4.mul are, also where they mean something else. */
function placesOfMul(bytes: Uint8Array, start: number, end: number): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(SIMD.mul, start); at >= 0 && at < end; at = bytes.indexOf(SIMD.mul, at + 1))
    if (bytes[at - 1] === 0xfd && bytes[at + 1] === 1) places.push(at);
  return places;
}

interface Pair {
  readonly mul: number;
  /** Where what is loaded between the two begins; absent where nothing is. */
  readonly between?: number;
  readonly add: number;
  readonly end: number;
}

interface Body {
  readonly start: number;
  /** Groups of locals, behind their count. */
  readonly groups: { readonly count: number; readonly start: number; readonly end: number };
  readonly locals: number;
  readonly pairs: readonly Pair[];
  readonly end: number;
}

/** Where the code is, and how many parameters each function has that has a body. */
function sectionsOf(reader: Reader): {
  readonly code: { readonly sizeAt: number; readonly start: number; readonly end: number };
  readonly parameters: readonly number[];
} {
  const types: number[] = [];
  const parameters: number[] = [];
  for (reader.at = 8; reader.at < reader.bytes.length; ) {
    const id = reader.byte();
    const sizeAt = reader.at;
    const size = reader.unsigned();
    const start = reader.at;
    if (id === CODE_SECTION) return { code: { sizeAt, start, end: start + size }, parameters };
    if (id === 1)
      for (let left = reader.unsigned(); left > 0; left--) {
        if (reader.byte() !== 0x60) throw new Error('a type that is no function');
        const taken = reader.unsigned();
        types.push(taken);
        reader.at += taken;
        const given = reader.unsigned();
        reader.at += given;
      }
    if (id === 3)
      for (let left = reader.unsigned(); left > 0; left--) parameters.push(types[reader.unsigned()]!);
    reader.at = start + size;
  }
  throw new Error('no code');
}

function readBody(reader: Reader, end: number): Body {
  const start = reader.at;
  const count = reader.unsigned();
  const groupsStart = reader.at;
  let locals = 0;
  for (let group = 0; group < count; group++) {
    locals += reader.unsigned();
    reader.at++;
  }
  const groups = { count, start: groupsStart, end: reader.at };
  const pairs: Pair[] = [];
  // what was read last, and before that
  let [last, before] = [NOTHING, NOTHING];
  while (reader.at < end) {
    const at = reader.at;
    const kind = reader.instruction();
    if (kind === 'add' && last.kind === 'mul') pairs.push({ mul: last.at, add: at, end: reader.at });
    if (kind === 'add' && last.kind === 'get' && before.kind === 'mul')
      pairs.push({ mul: before.at, between: last.at, add: at, end: reader.at });
    [before, last] = [last, { at, kind }];
  }
  if (reader.at !== end) throw new Error('a function that ends inside an instruction');
  return { start, groups, locals, pairs, end };
}

const NOTHING: { readonly at: number; readonly kind: Kind } = { at: 0, kind: 'other' };

/** `free`: the first local that the function does not have. */
function fusedBody(bytes: Uint8Array, { groups, pairs, end }: Body, free: number): Uint8Array {
  const [sum, one, other] = [unsigned(free), unsigned(free + 1), unsigned(free + 2)];
  // sum, one, other → one, other, sum: moves that a compiler makes nothing of
  const turned = [
    LOCAL_SET,
    ...other,
    LOCAL_SET,
    ...one,
    LOCAL_SET,
    ...sum,
    LOCAL_GET,
    ...one,
    LOCAL_GET,
    ...other,
    LOCAL_GET,
    ...sum,
  ];
  const parts: (Uint8Array | readonly number[])[] = [
    unsigned(groups.count + 1),
    bytes.subarray(groups.start, groups.end),
    [3, V128],
  ];
  let from = groups.end;
  for (const { mul, between, add, end: behind } of pairs) {
    parts.push(
      bytes.subarray(from, mul),
      between === undefined ? turned : bytes.subarray(between, add),
      RELAXED_MADD,
    );
    from = behind;
  }
  parts.push(bytes.subarray(from, end));
  return joined(parts);
}

type Kind = 'mul' | 'add' | 'get' | 'other';

/** Reads instructions as the specification has them: WebAssembly 2.0, threads, exceptions by try and catch. */
class Reader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error('a module that breaks off');
    return byte;
  }

  unsigned(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  /** A number that does not matter. */
  #skip(count = 1): void {
    for (let left = count; left > 0; left--) while (this.byte() > 127);
  }

  #memory(): void {
    if (this.unsigned() & 64) this.#skip();
    this.#skip();
  }

  instruction(): Kind {
    const code = this.byte();
    if (code === LOCAL_GET) {
      this.#skip();
      return 'get';
    }
    if (code === 0xfd) return this.#simd();
    if (code === 0xfc) {
      const more = this.unsigned();
      if (more > 7) this.#skip([8, 10, 12, 14].includes(more) ? 2 : 1);
    } else if (code === 0xfe) {
      if (this.unsigned() === 3) this.at++;
      else this.#memory();
    } else if (code === 0x0e) this.#skip(this.unsigned() + 1);
    else if (code === 0x1c) this.at += this.unsigned();
    else if (code >= 0x28 && code <= 0x3e) this.#memory();
    else if (code === 0x43) this.at += 4;
    else if (code === 0x44) this.at += 8;
    else if (code === 0x11 || code === 0x13) this.#skip(2);
    else if (ONE_NUMBER.has(code)) this.#skip();
    else if (code === 0x1f) throw new Error('an instruction that is not known');
    return 'other';
  }

  #simd(): Kind {
    const code = this.unsigned();
    if (code <= 11 || code === 92 || code === 93) this.#memory();
    else if (code === 12 || code === 13) this.at += 16;
    else if (code >= 21 && code <= 34) this.at++;
    else if (code >= 84 && code <= 91) {
      this.#memory();
      this.at++;
    }
    return code === SIMD.mul ? 'mul' : code === SIMD.add ? 'add' : 'other';
  }
}

/** Blocks, branches, calls, variables, tables, sizes of memory, whole constants, references, exceptions. */
const ONE_NUMBER: ReadonlySet<number> = new Set([
  ...[0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x18],
  ...[0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2],
]);

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}

function joined(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
