import { fileURLToPath } from 'node:url';
import * as browser from '@judge-decoding/browser';
import type { Calls } from './page/index.ts';

export type OpenedPage = browser.OpenedPage<Calls>;

/** `page/index.ts` beside `mounts`, in a browser with software WebGPU. */
export const openPage = (
  mounts: browser.OpenPageOptions['mounts'],
  options: Omit<browser.OpenPageOptions, 'mounts'> = {},
): Promise<OpenedPage> =>
  browser.openPage<Calls>(fileURLToPath(new URL('./page/index.ts', import.meta.url)), {
    ...options,
    ...(mounts === undefined ? {} : { mounts }),
  });
