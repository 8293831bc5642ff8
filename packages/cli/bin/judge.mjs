#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => new URL(path, import.meta.url);
// only a clone has this file
const inClone = existsSync(fileURLToPath(here('../tsconfig.json')));
if (inClone) (await import('./from-source.mjs')).fromSource();
const { main } = await import(here(inClone ? '../src/index.ts' : '../dist/index.js').href);
const code = await main(process.argv.slice(2));
// after Ctrl-C (130) or SIGTERM (143) nobody waits for timers and pipes
if (code === 130 || code === 143) process.exit(code);
process.exitCode = code;
// modules that were handed over may have left a timer or a socket open, for which nobody waits either
if (process.argv.some((given) => /^--(rules|anchors)(=|$)/.test(given))) {
  const written = [process.stdout, process.stderr].map((to) => new Promise((done) => to.write('', done)));
  await Promise.all(written);
  process.exit(code);
}
