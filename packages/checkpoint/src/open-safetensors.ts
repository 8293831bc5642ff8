import { openNodeFile } from './node-files.ts';
import { type OpenFile, safetensorsOf } from './safetensors-file.ts';

/** Opens one safetensors file and checks its header; tensors are read when asked for. */
export const openSafetensors = async (path: string): Promise<OpenFile> =>
  safetensorsOf(await openNodeFile(path));
