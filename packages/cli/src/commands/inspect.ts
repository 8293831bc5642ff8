import { existsSync, statSync } from 'node:fs';
import { JudgeDecodingError } from '@judge-decoding/core';
import { whatFile } from '../inspect/what-file.ts';
import { modelFolder } from '../pair/model-folder.ts';
import { headPath } from '../pair/read-head-file.ts';
import type { World } from '../world.ts';
import { inspectHead } from './inspect-head.ts';
import { type InspectModelFlags, inspectModel } from './inspect-model.ts';

/** A file that is no GGUF file is taken for a head; everything else names a model. */
export async function inspectCommand(file: string, flags: InspectModelFlags, world: World): Promise<number> {
  const { path } = headPath(file);
  const isFile = !/\.gguf$/i.test(path) && existsSync(path) && !statSync(path).isDirectory();
  if (isFile) {
    const what = await whatFile(path).catch(() => undefined);
    if (what !== undefined) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected a model folder, a GGUF file or a judge head, ${path} is none of them. ${what}`,
      );
    }
  }
  if (isFile || /\.safetensors$/i.test(path)) return inspectHead(file, flags, world);
  return inspectModel(modelFolder(file, '<file>', world.terminal.env), flags, world);
}
