import { utf8Encode } from '@judge-decoding/core';

/** An encoded message as pieces, so that nesting never copies what lies inside. */
export interface Encoded {
  readonly pieces: readonly Uint8Array[];
  readonly byteLength: number;
}

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const encoded = (...pieces: Uint8Array[]): Encoded => ({
  pieces,
  byteLength: pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
});

/** A message: its fields one after another. */
export function message(...fields: readonly Encoded[]): Encoded {
  return {
    pieces: fields.flatMap((field) => field.pieces),
    byteLength: fields.reduce((sum, field) => sum + field.byteLength, 0),
  };
}

/** int32, int64, bool and enum fields. */
export const intField = (field: number, value: number | bigint): Encoded =>
  encoded(varint(field << 3), varint(value));

export const floatField = (field: number, value: number): Encoded => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return encoded(varint((field << 3) | 5), bytes);
};

export const bytesField = (field: number, bytes: Uint8Array): Encoded =>
  encoded(varint((field << 3) | 2), varint(bytes.byteLength), bytes);

/** Empty strings are written too: ONNX marks a skipped input or output with one. */
export const stringField = (field: number, text: string): Encoded => bytesField(field, utf8Encode(text));

export const messageField = (field: number, inner: Encoded): Encoded =>
  message(encoded(varint((field << 3) | 2), varint(inner.byteLength)), inner);

/** The message in one piece. */
export function toBytes(message: Encoded): Uint8Array {
  const bytes = new Uint8Array(message.byteLength);
  let offset = 0;
  for (const piece of message.pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}
