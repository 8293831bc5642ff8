/** Builds what runs in a browser into a folder, each page where its script would be: `build-pages.ts OUT`. */
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPage } from '@judge-decoding/browser';

const out = resolve(process.argv[2]!);
const PAGES = {
  'in-page/race-page': '../src/in-page/race-page.ts',
  'in-page/visit-page': '../src/in-page/visit-page.ts',
  'in-page/curve-page': '../src/in-page/curve-page.ts',
  'in-page/capture-page': '../src/in-page/capture-page.ts',
  'page/index': '../../../packages/backend-webgpu/test/page/index.ts',
};

/** By their names, which have their digests in them, where the runtime's files were written first. */
const written = new Map<string, string>();

for (const [name, script] of Object.entries(PAGES)) {
  const folder = join(out, name);
  await mkdir(folder, { recursive: true });
  await buildPage(fileURLToPath(new URL(script, import.meta.url)), folder);
  for (const each of await readdir(folder, { recursive: true })) {
    const [file, named] = [join(folder, each), basename(each)];
    if (!named.endsWith('.wasm')) continue;
    const first = written.get(named);
    // for browsers that cannot suspend WebAssembly, which Chromium can, and the default build, which nothing asks for
    if (/\.(asyncify|jsep)/.test(named)) await rm(file);
    else if (first === undefined) written.set(named, file);
    else await rm(file).then(() => link(first, file));
  }
}
