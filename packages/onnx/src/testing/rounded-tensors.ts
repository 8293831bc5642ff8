import type { TensorSource } from '@judge-decoding/checkpoint';
import { lookupForm, matrixCodes, matrixForm } from '../matrix-forms.ts';
import { RoundingError } from '../requantise.ts';

/**
 * A source whose matrices read as a graph of so many bits has them: for reference implementations.
 * The embedding as it is looked up, so not the output matrix of a tied model.
 */
export function roundedTensors(tensors: TensorSource, bits: 4 | 8): TensorSource {
  return {
    list: () => tensors.list(),
    has: (name) => tensors.has(name),
    info: (name) => tensors.info(name),
    raw: (name, rows) => tensors.raw(name, rows),
    async read(name) {
      const { type, shape } = tensors.info(name);
      if (shape.length < 2) return tensors.read(name);
      const [rows, columns] = shape as [number, number];
      const isLookup = name === 'model.embed_tokens.weight';
      const form = isLookup ? lookupForm(type, columns) : matrixForm(type, bits);
      if (form === undefined) return tensors.read(name);
      const blocks = Math.ceil(columns / form.block);
      const out: number[] = [];
      for await (const part of matrixCodes(tensors, { name, rows, columns, form }, new RoundingError())) {
        for (const [index, code] of part.codes.entries()) {
          const block = Math.floor(index / columns) * blocks + Math.floor((index % columns) / form.block);
          out.push(part.scales[block]! * code + (form.offsets ? part.offsets[block]! : 0));
        }
      }
      return Float32Array.from(out);
    },
  };
}
