import type { Backends } from './pair/backends.ts';
import type { Terminal } from './terminal.ts';

/** What commands run in: everything from outside is passed in, so that tests can stand in for it. */
export interface World {
  readonly terminal: Terminal;
  readonly backends: Backends;
}
