import { type Fingerprint, JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere } from '@judge-decoding/long-work';
import { featurePath } from './extract-features.ts';
import {
  bad,
  type FeatureColumns,
  type FeatureName,
  FLOATS,
  INTEGERS,
  type OpenedShard,
  openShard,
  type SolutionOrigin,
} from './feature-shard.ts';
import { fileRows, openFiles, type StateRows } from './state-rows.ts';

/** All shards of a folder as one: columns in memory, states where they lie. */
export interface FeatureSet {
  readonly hiddenSize: number;
  readonly solutions: readonly SolutionOrigin[];
  readonly columns: FeatureColumns;
  /** Row r - 1 holds the state before that of a labelled row r. */
  readonly states: Readonly<Partial<Record<FeatureName, StateRows>>>;
  /** Digest of the labelled solutions they were taken from. */
  readonly fingerprint: string;
  /** Of the model that they were taken from, where that is known. */
  readonly target?: { readonly fingerprint: Fingerprint; readonly dtype: string };
}

/** Opens what `extractFeatures` wrote. States stay on the disk. An unfinished folder is an error that names the shard. */
export async function readFeatures(folder: string): Promise<FeatureSet> {
  const text = await readIfThere(`${folder}/manifest.json`);
  if (text === undefined)
    throw new JudgeDecodingError('not-found', `No features in \`${folder}\`: it has no manifest.json.`);
  const { data, solutions, solutionsPerShard, target, states } = manifestOf(text, `${folder}/manifest.json`);
  const shards: OpenedShard[] = [];
  for (let shard = 0; shard * solutionsPerShard < solutions; shard++) {
    const path = featurePath(folder, shard);
    const opened = await openShard(path).catch((error) => {
      if (!JudgeDecodingError.is(error, 'not-found')) throw error;
      throw new JudgeDecodingError(
        'invalid-file',
        `\`${folder}\` is not finished: ${path} is missing. Start the extraction again, it continues there.`,
      );
    });
    const expected = Math.min(solutionsPerShard, solutions - shard * solutionsPerShard);
    if (opened.solutions.length !== expected)
      throw bad(path, `it has ${opened.solutions.length} solutions, and the manifest says ${expected}`);
    for (const state of states)
      if (!opened.states.has(state)) throw bad(path, `it has no \`${state}\`, which the manifest names`);
    shards.push(opened);
  }
  return { ...join(shards, states), fingerprint: data, target };
}

interface Manifest {
  readonly data: string;
  readonly solutions: number;
  readonly solutionsPerShard: number;
  readonly states: readonly FeatureName[];
  readonly target: {
    readonly fingerprint: Fingerprint;
    readonly dtype: string;
    readonly hiddenSize: number;
  };
}

function manifestOf(text: string, path: string): Manifest {
  try {
    const manifest = JSON.parse(text) as Manifest & { readonly kind: string };
    if (manifest.kind === 'features' && manifest.solutionsPerShard >= 1) return manifest;
  } catch {
    // said below
  }
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected \`${path}\` to describe features. Name the folder that \`extractFeatures\` wrote.`,
  );
}

/** One shard after another; solution indices go on counting. */
function join(
  shards: readonly OpenedShard[],
  names: readonly FeatureName[],
): Omit<FeatureSet, 'fingerprint' | 'target'> {
  const [first] = shards;
  if (first === undefined)
    throw new JudgeDecodingError('invalid-input', 'Expected at least one shard of features, got none.');
  const solutions: SolutionOrigin[] = [];
  const shifted: Int32Array[] = [];
  for (const shard of shards) {
    const before = solutions.length;
    shifted.push(shard.columns.solution.map((index) => index + before));
    for (const solution of shard.solutions) solutions.push(solution);
  }
  const columns = Object.fromEntries([
    ...INTEGERS.map((name) => [
      name,
      joined(name === 'solution' ? shifted : shards.map((shard) => shard.columns[name]), Int32Array),
    ]),
    ...FLOATS.map((name) => [
      name,
      joined(
        shards.map((shard) => shard.columns[name]),
        Float32Array,
      ),
    ]),
  ]) as unknown as FeatureColumns;
  const open = openFiles();
  const states: Partial<Record<FeatureName, StateRows>> = {};
  for (const name of names) {
    const files = shards.map((shard) => shard.states.get(name)!).filter(({ rows }) => rows > 0);
    const width = files[0]?.width ?? first.hiddenSize;
    const other = files.find((file) => file.width !== width);
    if (other !== undefined)
      throw bad(other.path, `\`${name}\` is ${other.width} wide, in other shards ${width}`);
    states[name] = fileRows(files, width, open);
  }
  return { hiddenSize: first.hiddenSize, solutions, columns, states };
}

function joined<A extends Int32Array | Float32Array>(
  parts: readonly A[],
  make: new (length: number) => A,
): A {
  const all = new make(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
