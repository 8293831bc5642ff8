import { cpSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(new URL('../../packages/backend-cuda/package.json', import.meta.url));

/** koffi's JavaScript, and its native part for this platform, into a folder of packages. */
export function copyKoffi(packages) {
  const koffi = dirname(require.resolve('koffi'));
  cpSync(koffi, join(packages, 'koffi'), {
    recursive: true,
    dereference: true,
    filter: (path) => !/\/(doc|vendor|node_modules)(\/|$)|\.(cc|hh|md|d\.ts)$/.test(path.slice(koffi.length)),
  });
  const name = `@koromix/koffi-${process.platform}-${process.arch}`;
  // pnpm keeps a package's dependencies beside it
  const native = join(realpathSync(koffi), '..', ...name.split('/'));
  cpSync(native, join(packages, ...name.split('/')), {
    recursive: true,
    dereference: true,
    filter: (path) => !path.includes('musl'),
  });
}
