import { packageBuild } from '../../tsup.shared.ts';

/** The server; Vite builds the page beside it. */
export default packageBuild({
  entry: ['src/server/index.ts'],
  outDir: 'dist/server',
  platform: 'node',
});
