import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors, type TensorToWrite } from '../src/index.ts';

/** Changes a JSON file of a folder. */
export async function edit(
  folder: string,
  file: string,
  change: (json: Record<string, unknown>) => object,
): Promise<void> {
  const path = join(folder, file);
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')))));
}

/** All tensors of a folder of one file, to be changed and written again. */
export async function tensorsOf(folder: string): Promise<TensorToWrite[]> {
  const file = await openSafetensors(join(folder, 'model.safetensors'));
  const tensors = await Promise.all(
    file.list().map(async (info) => ({ ...info, bytes: await file.raw(info.name) })),
  );
  await file.dispose();
  return tensors;
}
