import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core';
import { findChromium } from './find-chromium.ts';

/**
 * WebGPU on the SwiftShader that comes with Chromium: correct and slow, without any GPU. On a machine
 * with one, leave it out.
 */
export const SOFTWARE_WEBGPU: readonly string[] = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  // a processor that plays the GPU beside other work is slow, and has not hung
  '--disable-gpu-watchdog',
];

/**
 * WebGPU on a real GPU of this machine. `JUDGE_CHROME_ARGS` (words) comes after them: what a server without a display needs
 * beside them differs by driver.
 */
export const REAL_WEBGPU: readonly string[] = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  // Chromium switches it off where it does not know the driver
  '--ignore-gpu-blocklist',
  '--disable-gpu-watchdog',
  ...(process.env.JUDGE_CHROME_ARGS ?? '').split(/\s+/).filter((word) => word !== ''),
];

/** Milliseconds that a page may take for one step: other suites, and other browsers, run at the same time. */
export const PATIENCE = 60_000;

type BrowserOptions = { readonly args?: readonly string[] } & Omit<LaunchOptions, 'args' | 'executablePath'>;

/** Starts the browser; `close()` is the caller's. */
export const openBrowser = (options: BrowserOptions = {}): Promise<Browser> =>
  chromium.launch(launching(options));

/** Starts the browser on a folder that keeps what it keeps of a visit: caches, private files, service workers. */
export const openProfile = (folder: string, options: BrowserOptions = {}): Promise<BrowserContext> =>
  chromium.launchPersistentContext(folder, launching(options));

function launching({ args = [], ...options }: BrowserOptions): LaunchOptions {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NOT_FOUND);
  return {
    executablePath,
    headless: true,
    ...options,
    // as root, in a container, there is no sandbox to be had
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage', ...args],
  };
}

/** Why nothing runs. */
export const NOT_FOUND = 'no Chrome or Chromium was found. Install one, or name it with CHROME_PATH.';
