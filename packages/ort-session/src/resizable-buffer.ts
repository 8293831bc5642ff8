/** An array buffer that grows and shrinks where it lies: ES2024, of which Node 20 has this much. */
export interface ResizableBuffer extends ArrayBuffer {
  /** New bytes are zeros, and take memory when they are written to. */
  resize(byteLength: number): void;
}

/** An empty one that may grow to `maxByteLength`: it takes addresses for that much, and no memory. */
export function resizableBuffer(maxByteLength: number): ResizableBuffer {
  const Resizable = ArrayBuffer as unknown as new (
    byteLength: number,
    options: { readonly maxByteLength: number },
  ) => ResizableBuffer;
  return new Resizable(0, { maxByteLength });
}
