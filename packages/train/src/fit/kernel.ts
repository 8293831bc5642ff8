import { KERNEL } from './kernel-bytes.ts';

/** A place in the kernel's memory, in bytes. */
export type Pointer = number;

/** The inner loops of a fit over its own memory. Rows are float32, all else float64; `n` a multiple of 4. */
export interface Kernel {
  dot(x: Pointer, weights: Pointer, n: number): number;
  addScaled(sum: Pointer, x: Pointer, scale: number, n: number): void;
  addSquares(sum: Pointer, x: Pointer, mean: Pointer, n: number): void;
  standardise(x: Pointer, mean: Pointer, inverse: Pointer, n: number): void;
  /** Room that is never given back but with the kernel; zeros. May move all views. */
  reserve(bytes: number): Pointer;
  /** Views hold until the next `reserve`. */
  floats(at: Pointer, length: number): Float32Array;
  doubles(at: Pointer, length: number): Float64Array;
}

/** What is used of WebAssembly: the types of Node have no names for it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: {
    initial: number;
    maximum: number;
  }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const PAGE = 65_536;
let compiled: object | undefined;

/** A kernel with a memory of its own, which grows as it is reserved; released with the object. */
export function openKernel(): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL, 'base64'));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const { dot, addScaled, addSquares, standardise } = exports as Pick<
    Kernel,
    'dot' | 'addScaled' | 'addSquares' | 'standardise'
  >;
  let used = 16;
  return {
    // pointers above 2 GiB cross as they are: i32 takes the bits
    dot,
    addScaled,
    addSquares,
    standardise,
    reserve(bytes) {
      const at = used;
      used += Math.ceil(bytes / 16) * 16;
      const missing = used - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      return at;
    },
    floats: (at, length) => new Float32Array(memory.buffer, at, length),
    doubles: (at, length) => new Float64Array(memory.buffer, at, length),
  };
}
