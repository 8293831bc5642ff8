import { fileURLToPath } from 'node:url';
import { type Playground, type PlaygroundOptions, servePage } from './page-server.ts';

export type { PairFolders, Playground, PlaygroundOptions } from './page-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As published, of a page that is built from its sources first: in a clone nothing is ever stale. */
export async function openPlayground(options: PlaygroundOptions = {}): Promise<Playground> {
  options.onWork?.('building the page');
  const { build } = await import('vite');
  const page = fileURLToPath(new URL('../../node_modules/.cache/page', import.meta.url));
  await build({ root, mode: 'served', logLevel: 'error', build: { outDir: page, emptyOutDir: true } });
  return servePage(page, options);
}
