import { defineConfig, type Options } from 'tsup';

/** One ESM build with bundled types; `tsconfig.build.json` turns the source condition off. */
export const packageBuild = (options: Options = {}) =>
  defineConfig({
    entry: ['src/index.ts'],
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    dts: true,
    clean: true,
    sourcemap: true,
    tsconfig: 'tsconfig.build.json',
    ...options,
  });
