/** Below this a copy is cheaper than handing the memory over. */
const WORTH_MOVING = 16_384;

/** The buffers of the larger arrays anywhere inside a result, each once. */
export function transferable(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    // a view of part of a buffer stays: its neighbours belong to somebody else
    const { buffer } = value;
    const whole = value.byteLength === buffer.byteLength;
    if (whole && value.byteLength >= WORTH_MOVING && buffer instanceof ArrayBuffer) found.add(buffer);
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) {
      if (typeof inner === 'object') transferable(inner, found);
    }
  }
  return [...found];
}
