import type { RuleRow } from '@judge-decoding/core';
import type { Backends } from './pair/backends.ts';
import type { Terminal } from './terminal.ts';

/** What commands run in: everything from outside is passed in, so that tests can stand in for it. */
export interface World {
  readonly terminal: Terminal;
  readonly backends: Backends;
  /** What --verify may be made of: core's table, and behind it what --rules brought. */
  readonly rules: readonly RuleRow[];
  /** Files by the names of the rules that came from them. */
  readonly rulesFrom: Readonly<Record<string, string>>;
  /** The script that this process runs, as further processes run it; the process's own when absent. */
  readonly script?: string;
}
