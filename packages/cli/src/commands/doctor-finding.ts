import type { Acceptance } from '@judge-decoding/core';
import type { Column } from '../render/table.ts';

export interface DoctorFlags {
  readonly contract?: boolean;
  readonly backend: string;
  readonly target?: string;
  readonly draft?: string;
  readonly threads?: number;
  readonly dtype?: string;
  readonly device?: string;
  /** As of the models of other commands; the self-test is as exact as with a draft unless told otherwise. */
  readonly exact?: boolean;
  readonly json?: boolean;
  readonly syntheticAcceptance?: Acceptance | string;
  readonly color: boolean;
}

/** One thing looked at. `bad` makes the exit code 3. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly detail: string;
  /** Figures behind it, as a table. */
  readonly figures?: { readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] };
}
