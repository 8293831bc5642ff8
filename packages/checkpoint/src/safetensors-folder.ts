import { JudgeDecodingError } from '@judge-decoding/core';
import type { ModelFiles } from './byte-file.ts';
import { ifPresent, isObject, readJsonObject, shown } from './json-file.ts';
import { type OpenTensors, safetensorsOf } from './safetensors-file.ts';
import type { TensorInfo } from './tensor-source.ts';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const MAX_INDEX_BYTES = 64 * 1024 * 1024;
/** The largest open models come in under 200. Every one of them is kept open. */
const MAX_SHARDS = 1024;

export interface FolderTensors extends OpenTensors {
  /** The files read from, as messages name them, in order of name. */
  readonly files: readonly string[];
}

/** The weights of a folder: one file, or shards named by an index. */
export async function openSafetensorsFolder(files: ModelFiles): Promise<FolderTensors> {
  const alone = await ifPresent(files.open(SINGLE));
  if (alone !== undefined) return { ...(await safetensorsOf(alone)), files: [alone.path] };
  const path = files.pathOf(INDEX);
  const index = await ifPresent(readJsonObject(files, INDEX, MAX_INDEX_BYTES));
  if (index === undefined) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected \`${SINGLE}\` or \`${INDEX}\` in \`${files.location}\`, found neither. Fetch the weights in safetensors format.`,
    );
  }
  return openShards(files, path, readWeightMap(path, index));
}

function readWeightMap(path: string, index: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const bad = (problem: string) =>
    new JudgeDecodingError('invalid-file', `\`${path}\` is not a sound index: ${problem}. Fetch it again.`);
  const map = index.weight_map;
  if (!isObject(map) || Object.keys(map).length === 0)
    throw bad(`expected a \`weight_map\`, got ${shown(map)}`);
  for (const file of Object.values(map)) {
    // a plain name in the same folder and nothing else: an index from a stranger must not reach outside
    if (
      typeof file !== 'string' ||
      !/^[A-Za-z0-9_][A-Za-z0-9_.-]*\.safetensors$/.test(file) ||
      file.includes('..')
    ) {
      throw bad(`expected names of files beside it, got ${shown(file)}`);
    }
  }
  if (new Set(Object.values(map)).size > MAX_SHARDS) throw bad(`it names more than ${MAX_SHARDS} files`);
  return new Map(Object.entries(map) as [string, string][]);
}

async function openShards(
  folder: ModelFiles,
  indexPath: string,
  weightMap: ReadonlyMap<string, string>,
): Promise<FolderTensors> {
  const shards = new Map<string, OpenTensors>();
  const dispose = async () => {
    await Promise.all([...shards.values()].map((shard) => shard.dispose()));
  };
  try {
    for (const file of [...new Set(weightMap.values())].sort()) {
      const opened = await ifPresent(folder.open(file));
      if (opened === undefined) {
        throw new JudgeDecodingError(
          'not-found',
          `\`${indexPath}\` names \`${file}\`, and it is not in the folder. Fetch that file, too.`,
        );
      }
      shards.set(file, await safetensorsOf(opened));
    }
    for (const [name, file] of weightMap) {
      if (!shards.get(file)!.has(name)) {
        throw new JudgeDecodingError(
          'invalid-file',
          `\`${indexPath}\` says that \`${file}\` holds the tensor ${shown(name)}, it does not. Fetch both again.`,
        );
      }
    }
    refuseTwins(folder.location, shards);
  } catch (error) {
    await dispose();
    throw error;
  }

  const names = [...weightMap.keys()].sort((a, b) => (a < b ? -1 : 1));
  const holder = (name: string): OpenTensors => {
    const file = weightMap.get(name);
    if (file !== undefined) return shards.get(file)!;
    throw new JudgeDecodingError(
      'not-found',
      `Expected a tensor \`${name}\` in \`${indexPath}\`, found none of that name.`,
    );
  };
  const listed: readonly TensorInfo[] = names.map((name) => holder(name).info(name));
  return {
    files: [...shards.keys()].map((file) => folder.pathOf(file)),
    metadata: {},
    list: () => listed,
    has: (name) => weightMap.has(name),
    info: (name) => holder(name).info(name),
    // async, so that an unknown name rejects instead of throwing
    read: async (name, rows, into) => holder(name).read(name, rows, into),
    raw: async (name, rows) => holder(name).raw(name, rows),
    dispose,
  };
}

/** Two shards with a tensor of one name: nobody can tell which one is meant. */
function refuseTwins(folder: string, shards: ReadonlyMap<string, OpenTensors>): void {
  const seen = new Map<string, string>();
  for (const [file, shard] of shards) {
    for (const { name } of shard.list()) {
      const other = seen.get(name);
      if (other !== undefined) {
        throw new JudgeDecodingError(
          'invalid-file',
          `Both \`${other}\` and \`${file}\` in \`${folder}\` hold the tensor ${shown(name)}. Fetch the weights again.`,
        );
      }
      seen.set(name, file);
    }
  }
}
