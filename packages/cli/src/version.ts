import { readFileSync } from 'node:fs';

/** From package.json, one folder up in the sources and in the build alike. */
export function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
