/** What `scanJson` counted. Key counts include repeated keys, which JSON.parse would silently drop. */
export interface JsonShape {
  readonly depth: number;
  /** Keys of objects at nesting depth 1, 2, … at index 0, 1, …. */
  readonly keys: readonly number[];
}

/**
 * Walks over JSON text without building anything, so that depth and number of keys can be bounded
 * before `JSON.parse` allocates. Stops as soon as `maxDepth` is passed. Does not check syntax:
 * `JSON.parse` does.
 */
export function scanJson(bytes: Uint8Array, maxDepth: number): JsonShape {
  const keys: number[] = new Array(maxDepth).fill(0);
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case 0x22: // a string: skip to its closing quote
        for (i++; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth++;
        if (depth > deepest) deepest = depth;
        if (depth > maxDepth) return { depth: deepest, keys };
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x3a: // : outside a string follows exactly one key
        if (depth >= 1) keys[depth - 1]!++;
        break;
    }
  }
  return { depth: deepest, keys };
}
