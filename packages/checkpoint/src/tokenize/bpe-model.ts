import type { TokenId } from '@judge-decoding/core';
import { PairTable } from './pair-table.ts';

/** Turns one piece of a text into tokens. */
export type Model = (piece: string) => TokenId[];

export interface BpeParts {
  /** Without what only special tokens may be. */
  readonly vocab: ReadonlyMap<string, TokenId>;
  readonly merges: readonly (readonly [string, string])[];
  /** A piece that is a token stays whole, whether or not merges lead to it. */
  readonly ignoreMerges: boolean;
  /** Characters without a token are written as their bytes' tokens, `<0x0A>`. */
  readonly byteFallback: boolean;
  readonly unknown: TokenId | undefined;
  /** Unknown characters in a row are one unknown token. */
  readonly fuseUnknown: boolean;
}

const encoder = new TextEncoder();
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** Byte-pair encoding (Sennrich 2016): of all neighbours that merge, those of the lowest rank first, leftmost first. */
export function bpeModel(parts: BpeParts): Model {
  const { vocab, ignoreMerges, byteFallback, unknown, fuseUnknown } = parts;
  const table = new PairTable(parts.merges.length);
  const results = new Int32Array(parts.merges.length);
  for (const [rank, [left, right]] of parts.merges.entries()) {
    const ids = [vocab.get(left), vocab.get(right), vocab.get(left + right)] as const;
    // a merge of or into what has no token here leads nowhere
    if (ids[0] === undefined || ids[1] === undefined || ids[2] === undefined) continue;
    table.set(ids[0], ids[1], rank);
    results[rank] = ids[2];
  }

  const symbolsOf = (piece: string): TokenId[] => {
    const symbols: TokenId[] = [];
    let unknowns = 0;
    const flush = () => {
      for (let i = 0; i < unknowns; i++) symbols.push(unknown!);
      unknowns = 0;
    };
    for (const character of piece) {
      const id = vocab.get(character);
      if (id !== undefined) {
        flush();
        symbols.push(id);
        continue;
      }
      const bytes = byteFallback ? bytesOf(character, vocab) : undefined;
      if (bytes !== undefined) symbols.push(...bytes);
      else if (unknown !== undefined) unknowns = fuseUnknown ? 1 : unknowns + 1;
      // else it is left out before its neighbours merge
    }
    flush();
    return symbols;
  };

  return (piece) => {
    if (ignoreMerges) {
      const whole = vocab.get(piece);
      if (whole !== undefined) return [whole];
    }
    return merged(symbolsOf(piece), table, results);
  };
}

export function bytesOf(text: string, vocab: ReadonlyMap<string, TokenId>): TokenId[] | undefined {
  const ids: TokenId[] = [];
  for (const byte of encoder.encode(text)) {
    const id = vocab.get(byteToken(byte));
    if (id === undefined) return undefined;
    ids.push(id);
  }
  return ids;
}

/** A queue entry is rank · 2³² + place: the smallest number is the next merge. */
const PLACES = 2 ** 32;

function merged(symbols: TokenId[], table: PairTable, results: Int32Array): TokenId[] {
  const count = symbols.length;
  if (count < 2) return symbols;
  const next = Int32Array.from({ length: count }, (_, i) => i + 1);
  const previous = Int32Array.from({ length: count }, (_, i) => i - 1);
  const gone = new Uint8Array(count);
  const queue = new NumberHeap();
  const offer = (left: number, right: number) => {
    const rank = table.get(symbols[left]!, symbols[right]!);
    if (rank >= 0) queue.push(rank * PLACES + left);
  };
  for (let i = 0; i + 1 < count; i++) offer(i, i + 1);
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    const at = entry % PLACES;
    const right = next[at]!;
    if (gone[at] || right >= count) continue;
    const result = results[(entry - at) / PLACES]!;
    const now = table.get(symbols[at]!, symbols[right]!);
    // neighbours have changed since, unless they still lead to the same token
    if (now < 0 || results[now] !== result) continue;
    symbols[at] = result;
    gone[right] = 1;
    next[at] = next[right]!;
    if (next[at]! < count) previous[next[at]!] = at;
    if (previous[at]! >= 0) offer(previous[at]!, at);
    if (next[at]! < count) offer(at, next[at]!);
  }
  return symbols.filter((_, i) => !gone[i]);
}

/** Smallest first. */
class NumberHeap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]! <= item) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= last) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
