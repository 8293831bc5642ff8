import { fileURLToPath } from 'node:url';
import * as browser from '@judge-decoding/browser';
import type { Calls } from './page/index.ts';

export type OpenedPage = browser.OpenedPage<Calls>;

export const PAGE = fileURLToPath(new URL('./page/index.ts', import.meta.url));

/** The page beside `mounts`, in a browser with software WebGPU; `script` is the folder it was built to, if it was. */
export const openPage = (
  mounts: browser.OpenPageOptions['mounts'],
  { script = PAGE, ...options }: Omit<browser.OpenPageOptions, 'mounts'> & { readonly script?: string } = {},
): Promise<OpenedPage> =>
  browser.openPage<Calls>(script, {
    ...options,
    ...(mounts === undefined ? {} : { mounts }),
  });
