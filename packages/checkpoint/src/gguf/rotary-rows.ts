/**
 * Where the Llama family's GGUF files keep the rows of q and k: element i of a head turns with
 * element i + headDim / 2, and the files put the two side by side.
 *
 *     Hugging Face   0 1 2 3 | 4 5 6 7      (headDim 8, halves apart)
 *     GGUF           0 4 1 5   2 6 3 7      (pairs together)
 *
 * Row `row` of a head in Hugging Face's order is row `pairedRow(row, headDim)` in the file.
 */
export const pairedRow = (row: number, headDim: number): number => {
  const half = headDim / 2;
  return row < half ? 2 * row : 2 * (row - half) + 1;
};

/**
 * Takes rows `first` … `first + count - 1` (Hugging Face's order, inside one head) out of the bytes
 * of the whole head as the file has them.
 */
export function takeRows(head: Uint8Array, headDim: number, first: number, count: number): Uint8Array {
  const rowBytes = head.length / headDim;
  const out = new Uint8Array(count * rowBytes);
  for (let i = 0; i < count; i++) {
    const from = pairedRow(first + i, headDim) * rowBytes;
    out.set(head.subarray(from, from + rowBytes), i * rowBytes);
  }
  return out;
}
