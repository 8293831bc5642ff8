import { fileURLToPath } from 'node:url';
import type { RunningServer } from '@judge-decoding/static-server';
import { type AnnotatorOptions, servePage } from './page-server.ts';

export type { AnnotatorOptions } from './page-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As published, of a page that is built from its sources first: in a clone nothing is ever stale. */
export async function openAnnotator(options: AnnotatorOptions): Promise<RunningServer> {
  options.onWork?.('building the page');
  const { build } = await import('vite');
  const page = fileURLToPath(new URL('../../node_modules/.cache/page', import.meta.url));
  await build({ root, logLevel: 'error', build: { outDir: page, emptyOutDir: true } });
  return servePage(page, options);
}
