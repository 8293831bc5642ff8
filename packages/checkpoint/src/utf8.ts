/** Node's, whose `toString` takes positions and so is faster than a decoder for many short texts. */
declare const Buffer:
  | {
      from(
        bytes: ArrayBufferLike,
        offset: number,
        length: number,
      ): { toString(encoding: 'utf8', start: number, end: number): string };
    }
  | undefined;

/** Texts by their positions in `bytes`, which are UTF-8. */
export function textsOf(bytes: Uint8Array): (start: number, end: number) => string {
  if (typeof Buffer !== 'undefined') {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return (start, end) => buffer.toString('utf8', start, end);
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return (start, end) => decoder.decode(bytes.subarray(start, end));
}

/** Whether bytes `from` … `to` - 1 are well-formed UTF-8 (Unicode 16, table 3-7). */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const lead = bytes[at++]!;
    if (lead < 0x80) continue;
    const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more === 0 || at + more > to) return false;
    // no longer form than needed, no surrogates, nothing above U+10FFFF
    const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (bytes[at]! < least || bytes[at]! > most) return false;
    for (let i = 1; i < more; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return false;
    at += more;
  }
  return true;
}

/** One after another. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
