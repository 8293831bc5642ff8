import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectFaults, openBrowser, SOFTWARE_WEBGPU } from '@judge-decoding/browser';
import { type Mount, serve } from '@judge-decoding/static-server';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import type { Calls } from './page/index.ts';

export interface OpenedPage {
  readonly page: Page;
  /** Ends with `/`. */
  readonly url: string;
  /** Errors and warnings on the page's console. */
  readonly faults: readonly string[];
  /** Calls a function of `page/index.ts` in the page; what goes there and back is JSON. */
  call<Name extends keyof Calls>(
    name: Name,
    ...given: Parameters<Calls[Name]>
  ): Promise<Awaited<ReturnType<Calls[Name]>>>;
  close(): Promise<void>;
}

/** Builds `page/index.ts` as a site would, serves it beside `mounts`, and opens it in a browser with software WebGPU. */
export async function openPage(
  mounts: readonly Mount[],
  {
    isolated = true,
    args = SOFTWARE_WEBGPU,
  }: { readonly isolated?: boolean; readonly args?: readonly string[] } = {},
): Promise<OpenedPage> {
  const site = await mkdtemp(join(tmpdir(), 'judge-page-'));
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('./page', import.meta.url)),
    base: './',
    resolve: { conditions: ['@judge-decoding/source', 'module', 'browser'] },
    worker: { format: 'es' },
    build: {
      outDir: site,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      assetsInlineLimit: 0,
      rollupOptions: {
        input: fileURLToPath(new URL('./page/index.ts', import.meta.url)),
        output: { entryFileNames: 'index.js' },
        preserveEntrySignatures: 'strict',
      },
    },
  });
  await writeFile(
    join(site, 'index.html'),
    '<!doctype html><title>test</title><link rel="icon" href="data:,"><script type="module" src="index.js"></script>',
  );
  const server = await serve({ mounts: [{ at: '/', folder: site }, ...mounts], port: 0, isolated });
  const browser = await openBrowser({ args });
  const page = await browser.newPage();
  const faults = collectFaults(page);
  await page.goto(server.url);
  await page.waitForFunction(() => 'calls' in globalThis);
  return {
    page,
    url: server.url,
    faults,
    call: (name, ...given) =>
      page.evaluate(
        ([called, passed]) => {
          const { calls } = globalThis as unknown as {
            calls: Record<string, (...given: unknown[]) => unknown>;
          };
          return calls[called]!(...passed);
        },
        [name, given] as const,
      ) as never,
    async close() {
      await browser.close();
      await server.close();
      await rm(site, { recursive: true, force: true });
    },
  };
}
