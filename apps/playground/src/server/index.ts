import { fileURLToPath } from 'node:url';
import { type Playground, type PlaygroundOptions, servePage } from './page-server.ts';

export type { PairFolders, Playground, PlaygroundOptions } from './page-server.ts';

/** Serves the playground to this machine until `close`. */
export const openPlayground = (options: PlaygroundOptions = {}): Promise<Playground> =>
  servePage(fileURLToPath(new URL('../page', import.meta.url)), options);
