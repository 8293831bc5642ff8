import { packageBuild } from '../../tsup.shared.ts';

// `index` runs anywhere, the others need a file system and processes
export default packageBuild({
  platform: 'node',
  entry: ['src/index.ts', 'src/benchmarks/index.ts', 'src/sandbox/index.ts', 'src/judge-model/index.ts'],
});
