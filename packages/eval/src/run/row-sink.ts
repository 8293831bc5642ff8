import { type Row, rowKey } from './row.ts';

/** Where rows go, and what is there already. */
export interface RowSink {
  has(row: Parameters<typeof rowKey>[0]): boolean;
  append(row: Row): Promise<void>;
}

/** A sink in memory. */
export function rowList(): RowSink & { readonly rows: readonly Row[] } {
  const rows: Row[] = [];
  const done = new Set<string>();
  return {
    rows,
    has: (row) => done.has(rowKey(row)),
    async append(row) {
      rows.push(row);
      done.add(rowKey(row));
    },
  };
}
