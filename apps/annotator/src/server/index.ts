import { fileURLToPath } from 'node:url';
import type { RunningServer } from '@judge-decoding/static-server';
import { type AnnotatorOptions, servePage } from './page-server.ts';

export type { AnnotatorOptions } from './page-server.ts';

/** Serves the annotator for one data set to this machine until `close`. */
export const openAnnotator = (options: AnnotatorOptions): Promise<RunningServer> =>
  servePage(fileURLToPath(new URL('../page', import.meta.url)), options);
