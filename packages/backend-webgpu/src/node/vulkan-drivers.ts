import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/**
 * The Vulkan drivers that are installed on Linux, by their files' names, and the version of NVIDIA's. ONNX
 * Runtime itself does not say which GPU it has taken.
 */
export async function vulkanDrivers(env: NodeJS.ProcessEnv = process.env): Promise<readonly string[]> {
  const named = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  const files =
    named !== undefined && named !== ''
      ? named.split(delimiter)
      : (
          await Promise.all(
            FOLDERS.map(async (folder) =>
              (
                await readdir(folder).catch(() => [])
              )
                .filter((name) => name.endsWith('.json'))
                .map((name) => join(folder, name)),
            ),
          )
        ).flat();
  const nvidia = /Kernel Module\s+([\d.]+)/.exec(
    await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => ''),
  )?.[1];
  return [...files.sort(), ...(nvidia === undefined ? [] : [`NVIDIA ${nvidia}`])];
}
