import { packageBuild } from '../../tsup.shared.ts';

// the workers are files of their own: `new Worker` starts them by their addresses
export default packageBuild({
  platform: 'node',
  entry: ['src/index.ts', 'src/worker-parts.ts', 'src/worker.ts', 'src/prepare-worker.ts'],
  // no dependency, but used where it is installed
  external: ['onnxruntime-node'],
});
