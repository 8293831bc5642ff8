import { makeFolder, openSafetensors, writeSafetensors } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere, sha256 } from '@judge-decoding/long-work';

/** How far a fit has come, as it is kept: arrays by name, and numbers. */
export interface FitState {
  readonly arrays: Readonly<Record<string, Float64Array>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** Where a fit keeps how far it has come. */
export interface FitKeeper {
  /** What was kept under this name by a fit of the same settings; another's is not found. */
  load(name: string, settings: unknown): Promise<FitState | undefined>;
  save(name: string, settings: unknown, state: FitState): Promise<void>;
}

/** Keeps states in a folder: each file appears whole, so that a fit that was killed goes on from the last one. */
export function keepIn(folder: string): FitKeeper {
  const pathOf = (name: string) => `${folder}/fit-${name.replace(/[^\w-]+/g, '-')}.safetensors`;
  return {
    async load(name, settings) {
      const path = pathOf(name);
      if ((await readIfThere(path)) === undefined) return undefined;
      const file = await openSafetensors(path);
      try {
        if (file.metadata.settings !== digest(settings)) return undefined;
        const arrays: Record<string, Float64Array> = {};
        for (const { name: tensor } of file.list()) {
          const { buffer, byteOffset, byteLength } = await file.raw(tensor);
          arrays[tensor] = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
        }
        return { arrays, numbers: JSON.parse(file.metadata.numbers ?? '{}') as Record<string, number> };
      } catch (cause) {
        if (JudgeDecodingError.is(cause)) throw cause;
        throw new JudgeDecodingError(
          'invalid-file',
          `\`${path}\` is damaged. Remove it: the fit begins again.`,
          {
            cause,
          },
        );
      } finally {
        await file.dispose();
      }
    },
    async save(name, settings, { arrays, numbers }) {
      await makeFolder(folder);
      await writeSafetensors(
        pathOf(name),
        Object.entries(arrays).map(([tensor, { buffer, byteOffset, byteLength, length }]) => ({
          name: tensor,
          shape: [length],
          type: 'F64' as const,
          bytes: new Uint8Array(buffer, byteOffset, byteLength),
        })),
        { metadata: { settings: digest(settings), numbers: JSON.stringify(numbers) } },
      );
    },
  };
}

const digest = (settings: unknown): string => sha256(JSON.stringify(settings));
