import type { TokenSource } from '@judge-decoding/core';

/** A letter for who let a token in: `s`tandard, an `a`dmission, `r`ecovered, `b`onus. */
export type Mark = 's' | 'a' | 'r' | 'b';

const MARKS: Readonly<Record<string, Mark>> = { standard: 's', recovered: 'r', bonus: 'b' };

/** One letter for who let a token in: rows keep it for every token. */
export const markOf = (source: TokenSource): Mark => MARKS[source] ?? 'a';
