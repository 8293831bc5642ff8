import { defineConfig } from 'tsup';

/** One program with everything in it but koffi, whose native part `bundle.mjs` puts beside it. */
export default defineConfig({
  entry: { 'gpu-report': 'src/main.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  clean: true,
  splitting: false,
  noExternal: [/^(?!koffi$|node:)/],
  external: ['koffi'],
  esbuildOptions(options) {
    options.conditions = ['@judge-decoding/source'];
    // packages that were written for require() need it
    options.banner = {
      js: "import { createRequire as __require } from 'node:module'; const require = __require(import.meta.url);",
    };
  },
});
