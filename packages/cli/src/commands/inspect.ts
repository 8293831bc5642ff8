import { existsSync, statSync } from 'node:fs';
import { modelFolder } from '../pair/model-folder.ts';
import type { World } from '../world.ts';
import { inspectHead } from './inspect-head.ts';
import { type InspectModelFlags, inspectModel } from './inspect-model.ts';

/** A file that is no GGUF file is taken for a head; everything else names a model. */
export async function inspectCommand(file: string, flags: InspectModelFlags, world: World): Promise<number> {
  const isHead = !/\.gguf$/i.test(file) && existsSync(file) && !statSync(file).isDirectory();
  if (isHead || /\.safetensors$/i.test(file)) return inspectHead(file, flags, world);
  return inspectModel(modelFolder(file, '<file>', world.terminal.env), flags, world);
}
