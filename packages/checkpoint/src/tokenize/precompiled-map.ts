import type { Refuse } from './unsupported.ts';

/** Much larger than what sentencepiece compiles for any of its rules. */
const MAX_BYTES = 16 * 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The map of characters that sentencepiece compiles its normalisation rules into: a double-array trie
 * (Darts) over UTF-8, then the replacements, each ended by a zero. Gives what a text that begins like
 * `chunk` is replaced by; of several rules that fit the shortest, as the tokenizers do.
 */
export function precompiledMap(
  encoded: unknown,
  refuse: Refuse,
): ((chunk: string) => string | undefined) | undefined {
  const bad = () =>
    refuse('normalizer.precompiled_charsmap', encoded, 'Expected a map that sentencepiece has compiled.');
  if (encoded === null || encoded === undefined || encoded === '') return undefined;
  if (typeof encoded !== 'string' || encoded.length > MAX_BYTES) throw bad();
  const bytes = fromBase64(encoded);
  if (bytes === undefined || bytes.length < 8) throw bad();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const trieBytes = view.getUint32(0, true);
  if (trieBytes % 4 !== 0 || trieBytes < 4 || 4 + trieBytes > bytes.length) throw bad();
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const replacements = bytes.subarray(4 + trieBytes);

  return (chunk) => {
    let node = offsetOf(units[0]!);
    for (const byte of encoder.encode(chunk)) {
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = units[node];
      // outside of a damaged trie nothing is found
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
      node ^= offsetOf(unit);
      if ((unit >>> 8) & 1) {
        const start = (units[node] ?? 0) & 0x7fffffff;
        const end = replacements.indexOf(0, start);
        return decoder.decode(replacements.subarray(start, end < 0 ? replacements.length : end));
      }
    }
    return undefined;
  };
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
