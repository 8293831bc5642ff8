import { packageBuild } from '../../tsup.shared.ts';

// `data-set` runs anywhere, a page too; the rest needs a file system
export default packageBuild({ platform: 'node', entry: ['src/index.ts', 'src/data-set/index.ts'] });
