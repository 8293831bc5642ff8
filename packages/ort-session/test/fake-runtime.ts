import type { Tensor } from 'onnxruntime-common';
import type { OrtRuntime } from '../src/index.ts';

/** Tensors that remember what they were made of, and no way to run anything. */
export const fakeRuntime = {
  Tensor: class {
    readonly type: string;
    readonly data: unknown;
    readonly dims: readonly number[];

    constructor(type: string, data: unknown, dims: readonly number[]) {
      this.type = type;
      this.data = data;
      this.dims = dims;
    }
  },
  InferenceSession: {
    create: () => Promise.reject(new Error('nothing runs here')),
  },
} as unknown as OrtRuntime;

export const rowsOf = (tensor: Tensor): number[][] => {
  const [rows, columns] = tensor.dims as [number, number];
  const values = [...(tensor.data as Float32Array)];
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
};
