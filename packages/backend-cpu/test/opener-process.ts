import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Opens a model in a process that does nothing else (`opener.ts`), from the sources. */
export function openInProcess(argv: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const opener = join(import.meta.dirname, 'opener.ts');
  return spawnSync(
    process.execPath,
    ['--conditions=@judge-decoding/source', '--import', tsx, opener, ...argv],
    { env, encoding: 'utf8' },
  );
}
