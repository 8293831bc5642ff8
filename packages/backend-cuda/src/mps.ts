import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where the driver looks for MPS when `CUDA_MPS_PIPE_DIRECTORY` names nothing. */
const DEFAULT_FOLDER = '/tmp/nvidia-mps';

/**
 * The folder of pipes through which this process shares its GPUs with others (NVIDIA's Multi-Process Service), or
 * nothing where it has them to itself: a control daemon makes `control` there, and the driver becomes its client.
 */
export function mpsFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folder = env.CUDA_MPS_PIPE_DIRECTORY || DEFAULT_FOLDER;
  return existsSync(join(folder, 'control')) ? folder : undefined;
}
