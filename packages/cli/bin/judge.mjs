#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/index.js', import.meta.url);
if (existsSync(fileURLToPath(built))) {
  const { main } = await import(built.href);
  const code = await main(process.argv.slice(2));
  // after Ctrl-C nobody waits for timers and pipes
  if (code === 130) process.exit(code);
  process.exitCode = code;
} else {
  console.error('judge is not built yet. Run `npm start` once, or `pnpm build`.');
  process.exitCode = 3;
}
