import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig, type Options } from 'tsup';

/** One ESM build, and declarations beside it as `tsconfig.build.json` says. */
export const packageBuild = (options: Options = {}) =>
  defineConfig({
    entry: ['src/index.ts'],
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    clean: true,
    sourcemap: true,
    tsconfig: 'tsconfig.build.json',
    onSuccess: async () => writeDeclarations(),
    ...options,
  });

/** By the compiler itself: tsup's own `dts` needs the programming interface of TypeScript 5. */
function writeDeclarations(): void {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('tsc could not write the declarations: see above.');
}
