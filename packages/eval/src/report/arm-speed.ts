import type { Stats } from '@judge-decoding/core';
import type { Row } from '../run/row.ts';
import { quantile } from '../statistics/bootstrap.ts';

/** Milliseconds, but for the shares and rates. */
export interface SpeedFigures {
  readonly tokensPerSecond: number;
  /** Without the prompt's reading. */
  readonly decodedPerSecond: number;
  readonly prefill: number;
  readonly firstToken: Percentiles | undefined;
  /** Between two moments at which tokens appear: a round. */
  readonly gap: Percentiles | undefined;
  /** A round's time shared among the tokens it committed. */
  readonly perToken: Percentiles | undefined;
  readonly shares: { readonly draft: number; readonly verify: number; readonly rest: number };
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** Total tokens over total time, prefill included. */
export const perSecond = (rows: readonly Row[]): number =>
  (1000 * rows.reduce((sum, row) => sum + row.tokens.length, 0)) /
  rows.reduce((sum, row) => sum + row.milliseconds, 0);

/** How fast one arm's rows were; `stats` are theirs, added up. */
export function speedOf(rows: readonly Row[], { times }: Stats): SpeedFigures {
  const tokens = rows.reduce((sum, row) => sum + row.tokens.length, 0);
  const milliseconds = rows.reduce((sum, row) => sum + row.milliseconds, 0);
  const decoding = times.draft + times.verify + times.rest;
  // what comes first waits for the prompt, too: it is the first token's time, and no gap
  const later = rows.flatMap((row) => (row.rounds ?? []).slice(1));
  const share = (of: number) => (decoding > 0 ? of / decoding : 0);
  return {
    tokensPerSecond: (1000 * tokens) / milliseconds,
    decodedPerSecond: (1000 * tokens) / (milliseconds - times.prefill),
    prefill: times.prefill / Math.max(1, rows.length),
    firstToken: percentiles(rows.flatMap(({ firstToken }) => firstToken ?? [])),
    gap: percentiles(later.map(([, time]) => time)),
    perToken: percentiles(
      later.map(([count, time]) => time / Math.max(1, count)),
      later.map(([count]) => count),
    ),
    shares: { draft: share(times.draft), verify: share(times.verify), rest: share(times.rest) },
  };
}

/** Each value counted `weights` times. */
function percentiles(values: readonly number[], weights?: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  if (weights === undefined) {
    const sorted = Float64Array.from(values).sort();
    return { p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), p99: quantile(sorted, 0.99) };
  }
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const at = (share: number) => {
    let left = share * total;
    for (const index of order) {
      left -= weights[index]!;
      if (left <= 0) return values[index]!;
    }
    return values[order.at(-1)!]!;
  };
  return total === 0 ? undefined : { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}
