import { packageBuild } from '../../tsup.shared.ts';

// the worker is a file of its own: `new Worker` starts it by its address
export default packageBuild({ platform: 'node', entry: ['src/index.ts', 'src/worker.ts'] });
