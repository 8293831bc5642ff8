import { checkBackend, toleranceFor } from '@judge-decoding/backend-contract';
import { webgpuBackend } from '../../src/node/index.ts';

/**
 * The whole contract on WebGPU in Node, a line of JSON a clause. A process of its own: which Vulkan driver is
 * loaded is decided by the environment that a process starts with.
 */
const [location, cacheFolder, dtype, ...malformed] = process.argv.slice(2);
const results = await checkBackend(
  {
    backend: webgpuBackend({ cacheFolder: cacheFolder!, dtype: dtype as 'fp32', prefillChunk: 32 }),
    location: location!,
    device: 'webgpu',
    tolerance: toleranceFor(dtype!),
    exempt: {},
    malformed,
  },
  { onResult: (result) => console.log(JSON.stringify(result)) },
);
process.exitCode = results.some(({ outcome }) => outcome === 'broken') ? 1 : 0;
