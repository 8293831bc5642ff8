import { readFileSync } from 'node:fs';

const { packageManager } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/**
 * What Node runs for a pnpm command: under npm the pinned pnpm through `npm exec`, under pnpm the pnpm
 * that runs already.
 */
export function pnpmArgv(args) {
  const runner = process.env.npm_execpath;
  if (runner === undefined) {
    console.error('Run this through npm: `npm start`, `npm test` or `npm run …`.');
    process.exit(2);
  }
  const viaNpm = /npm-cli\.js$|npx-cli\.js$/.test(runner);
  return viaNpm ? [runner, 'exec', '--yes', '--', packageManager, ...args] : [runner, ...args];
}
