import { readFile } from 'node:fs/promises';
import { packageBuild } from '../../tsup.shared.ts';

/**
 * Bundlers find a worker by the text `new URL('./worker.ts', import.meta.url)`, in the sources as they stand
 * there; built, the same file ends otherwise.
 */
const workersAsBuilt = {
  name: 'workers as built',
  setup(build: {
    onLoad(
      options: { filter: RegExp },
      callback: (file: { path: string }) => Promise<{ contents: string; loader: 'ts' }>,
    ): void;
  }) {
    build.onLoad({ filter: /backend-webgpu[/\\]src[/\\].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll("new URL('./worker.ts'", "new URL('./worker.js'"),
      loader: 'ts',
    }));
  },
};

export default packageBuild({
  platform: 'node',
  entry: {
    'browser/index': 'src/browser/index.ts',
    'browser/worker': 'src/browser/worker.ts',
    'node/index': 'src/node/index.ts',
    'node/worker': 'src/node/worker.ts',
  },
  // each address that is asked for lies where it did
  splitting: false,
  esbuildPlugins: [workersAsBuilt],
});
