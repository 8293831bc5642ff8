import { type HiddenState, JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere } from '@judge-decoding/long-work';
import { featurePath } from './extract-features.ts';
import { type FeatureColumns, type FeatureShard, readShard, type SolutionOrigin } from './feature-shard.ts';

/** All shards of a folder as one. */
export interface FeatureSet extends FeatureShard {
  /** Digest of the labelled solutions they were taken from. */
  readonly fingerprint: string;
}

/** Reads what `extractFeatures` wrote, or only some of the states. An unfinished folder is an error. */
export async function readFeatures(folder: string, states?: readonly HiddenState[]): Promise<FeatureSet> {
  const manifest = await readIfThere(`${folder}/manifest.json`);
  if (manifest === undefined)
    throw new JudgeDecodingError('not-found', `No features in \`${folder}\`: it has no manifest.json.`);
  const { data, solutions, solutionsPerShard } = JSON.parse(manifest) as {
    readonly data: string;
    readonly solutions: number;
    readonly solutionsPerShard: number;
  };
  const shards: FeatureShard[] = [];
  for (let shard = 0; shard * solutionsPerShard < solutions; shard++)
    shards.push(await readShard(featurePath(folder, shard), states));
  return { ...joinShards(shards), fingerprint: data };
}

/** One shard after another; solution indices go on counting. */
export function joinShards(shards: readonly FeatureShard[]): FeatureShard {
  const [first] = shards;
  if (first === undefined)
    throw new JudgeDecodingError('invalid-input', 'Expected at least one shard of features, got none.');
  const solutions: SolutionOrigin[] = [];
  const shifted: Int32Array[] = [];
  for (const shard of shards) {
    const before = solutions.length;
    shifted.push(shard.columns.solution.map((index) => index + before));
    solutions.push(...shard.solutions);
  }
  const integers = (name: 'position' | 'correct' | 'token' | 'argmax') =>
    join(
      shards.map(({ columns }) => columns[name]),
      (length) => new Int32Array(length),
    );
  const floats = (name: 'chosen' | 'topLogProb' | 'entropy') =>
    join(
      shards.map(({ columns }) => columns[name]),
      (length) => new Float32Array(length),
    );
  const columns: FeatureColumns = {
    solution: join(shifted, (length) => new Int32Array(length)),
    position: integers('position'),
    correct: integers('correct'),
    token: integers('token'),
    argmax: integers('argmax'),
    chosen: floats('chosen'),
    topLogProb: floats('topLogProb'),
    entropy: floats('entropy'),
  };
  const names = Object.keys(first.states) as HiddenState[];
  const states = Object.fromEntries(
    names.map((name) => [
      name,
      join(
        shards.map((shard) => shard.states[name]!),
        (length) => new Float32Array(length),
      ),
    ]),
  );
  const { hiddenSize } = shards.find((shard) => shard.columns.token.length > 0) ?? first;
  return { hiddenSize, solutions, columns, states };
}

function join<A extends Int32Array | Float32Array>(parts: readonly A[], make: (length: number) => A): A {
  const all = make(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
