import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldedForm, foldOffsets, LOW_DIGIT } from '../src/folded-offsets.ts';
import { RoundingError } from '../src/requantise.ts';

const forms = fc.constantFrom(
  { bits: 4, block: 32, offsets: true } as const,
  { bits: 4, block: 16, offsets: true } as const,
  { bits: 8, block: 32, offsets: true } as const,
);
const finite = (most: number) => fc.float({ min: Math.fround(-most), max: Math.fround(most), noNaN: true });

/** What a product by a folded row gives for `input`, in float64. */
function folded(
  form: { bits: 4 | 8; block: number },
  row: ReturnType<typeof foldOffsets>,
  input: readonly number[],
) {
  const { bits, block } = form;
  const { digits, columns } = foldedForm(input.length, { ...form, block: block as 16, offsets: true });
  const wide = [...input];
  for (let from = 0; from < input.length; from += block) {
    const sum = input.slice(from, from + block).reduce((a, b) => a + b, 0);
    wide.push(...(digits === 1 ? [sum] : [sum, sum * LOW_DIGIT]));
  }
  while (wide.length < columns) wide.push(1e9); // nothing may be multiplied by what lies behind
  const centre = 2 ** (bits - 1);
  return wide.reduce((total, value, column) => {
    const index = Math.floor(column / block);
    const byte = row.zeroPoints[bits === 8 ? index : index >> 1]!;
    const zero = bits === 8 ? byte : index % 2 === 0 ? byte & 15 : byte >> 4;
    return total + value * row.scales[index]! * (row.codes[column]! + centre - zero);
  }, 0);
}

test('a folded row gives what scale · code + offset gives, but for the rounding that is counted', () => {
  const cases = forms.chain((form) =>
    fc.record({
      form: fc.constant(form),
      blocks: fc.integer({ min: 1, max: 40 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
      spread: finite(20),
    }),
  );
  fc.assert(
    fc.property(cases, ({ form, blocks, seed, spread }) => {
      let state = seed;
      const random = () => {
        state = (state * 48271) % 2147483647;
        return state / 2147483647;
      };
      const columns = blocks * form.block;
      const half = 2 ** (form.bits - 1);
      const codes = Int8Array.from({ length: columns }, () => Math.floor(random() * 2 * half) - half);
      const scales = Float32Array.from({ length: blocks }, () => (random() < 0.1 ? 0 : random()));
      const offsets = Float32Array.from({ length: blocks }, () => (random() - 0.5) * spread);
      const error = new RoundingError();
      const row = foldOffsets({ codes, scales, offsets }, columns, form, error);
      const input = Array.from({ length: columns }, () => random() - 0.5);
      const at = (column: number) => Math.floor(column / form.block);
      const expected = input.reduce(
        (sum, value, column) => sum + value * (scales[at(column)]! * codes[column]! + offsets[at(column)]!),
        0,
      );
      const size = Math.sqrt(
        codes.reduce(
          (sum, code, column) => sum + (scales[at(column)]! * code + offsets[at(column)]!) ** 2,
          0,
        ),
      );
      const length = Math.sqrt(input.reduce((sum, value) => sum + value * value, 0));
      // Cauchy and Schwarz, with the error that was counted, and float32 of the scales
      expect(Math.abs(folded(form, row, input) - expected)).toBeLessThanOrEqual(
        (error.relative + 1e-6) * size * length + 1e-9,
      );
      expect(error.relative).toBeLessThan(0.02);
    }),
  );
});

test('rows are whole numbers of four blocks, as the kernels like them', () => {
  expect(foldedForm(1536, { bits: 4, block: 32, offsets: true })).toEqual({
    blocks: 48,
    digits: 2,
    columns: 1664,
  });
  expect(foldedForm(8960, { bits: 4, block: 32, offsets: true })).toEqual({
    blocks: 280,
    digits: 2,
    columns: 9600,
  });
  expect(foldedForm(256, { bits: 8, block: 32, offsets: true })).toEqual({
    blocks: 8,
    digits: 1,
    columns: 384,
  });
});
