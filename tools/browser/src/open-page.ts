import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Mount, serve } from '@judge-decoding/static-server';
import type { Page } from 'playwright-core';
import { collectFaults } from './faults.ts';
import { openBrowser, SOFTWARE_WEBGPU } from './open-browser.ts';

/** Functions of a page; what goes to them and comes back is JSON. */
type Callable<Calls> = { readonly [Name in keyof Calls]: (...given: never[]) => unknown };

export interface OpenedPage<Calls extends Callable<Calls>> {
  readonly page: Page;
  /** Ends with `/`. */
  readonly url: string;
  /** Errors and warnings on the page's console. */
  readonly faults: readonly string[];
  /** Calls one of the page's functions. */
  call<Name extends keyof Calls>(
    name: Name,
    ...given: Parameters<Calls[Name]>
  ): Promise<Awaited<ReturnType<Calls[Name]>>>;
  close(): Promise<void>;
}

export interface OpenPageOptions {
  /** Folders that the page can fetch from. */
  readonly mounts?: readonly Mount[];
  /** Whether the page may share memory, which WebAssembly needs for threads; true when absent. */
  readonly isolated?: boolean;
  /** Of the browser; software WebGPU when absent. */
  readonly args?: readonly string[];
}

/**
 * Builds a script from its sources as a site would, serves it beside `mounts`, and opens it in a browser. The
 * script does `Object.assign(globalThis, { calls })`. Where a folder of the script's name lies in its place, that is the page,
 * already built: a bundle has it so.
 */
export async function openPage<Calls extends Callable<Calls>>(
  script: string,
  { mounts = [], isolated = true, args = SOFTWARE_WEBGPU }: OpenPageOptions = {},
): Promise<OpenedPage<Calls>> {
  const built = script.replace(/\.ts$/, '');
  const isBuilt = existsSync(built);
  const site = isBuilt ? built : await mkdtemp(join(tmpdir(), 'judge-page-'));
  if (!isBuilt) await buildPage(script, site);
  const server = await serve({ mounts: [{ at: '/', folder: site }, ...mounts], port: 0, isolated });
  const browser = await openBrowser({ args });
  const page = await browser.newPage();
  // machines that run other suites meanwhile take their time
  page.setDefaultTimeout(120_000);
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
        [name as string, given as unknown[]] as const,
      ) as never,
    async close() {
      await browser.close();
      await server.close();
      if (!isBuilt) await rm(site, { recursive: true, force: true });
    },
  };
}

/** Builds a script and an empty page around it into a folder. */
export async function buildPage(script: string, out: string): Promise<void> {
  // where pages are built already there is no Vite
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'error',
    root: dirname(script),
    base: './',
    resolve: { conditions: ['@judge-decoding/source', 'module', 'browser'] },
    worker: { format: 'es' },
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      assetsInlineLimit: 0,
      rollupOptions: {
        input: script,
        output: { entryFileNames: 'index.js' },
        preserveEntrySignatures: 'strict',
      },
    },
  });
  await writeFile(
    join(out, 'index.html'),
    '<!doctype html><title>test</title><link rel="icon" href="data:,"><script type="module" src="index.js"></script>',
  );
}
