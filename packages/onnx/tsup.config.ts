import { packageBuild } from '../../tsup.shared.ts';

// `interface` runs anywhere, `cache` needs a file system
export default packageBuild({
  platform: 'node',
  entry: ['src/index.ts', 'src/interface.ts', 'src/cache.ts', 'src/testing/index.ts'],
});
