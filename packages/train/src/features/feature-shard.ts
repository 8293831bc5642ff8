import { openSafetensors, writeSafetensors } from '@judge-decoding/checkpoint';
import { type HiddenName, JudgeDecodingError } from '@judge-decoding/core';
import type { RowFile } from './state-rows.ts';

/** A hidden state of the target, or of the draft at the same tokens. */
export type FeatureName = HiddenName | `draft-${HiddenName}`;

/** Columns that every row has, besides its states. */
export interface FeatureColumns {
  /** Index of its solution among the shard's. [rows] */
  readonly solution: Int32Array;
  /** Index in the solution; -1 is the prompt's last token. [rows] */
  readonly position: Int32Array;
  /** 1 correct, 0 wrong, -1 no label: there only because the row after it needs its state. [rows] */
  readonly correct: Int32Array;
  readonly token: Int32Array;
  /** The target's own choice in the token's place. [rows] */
  readonly argmax: Int32Array;
  /** ln of the target's probability of the token. [rows] */
  readonly chosen: Float32Array;
  /** ln of the probability of the target's own choice. [rows] */
  readonly topLogProb: Float32Array;
  /** Nats. [rows] */
  readonly entropy: Float32Array;
  /** Raw logit of the target's second choice over that of its first: what MARS reads. [rows] */
  readonly topRatio: Float32Array;
  /** KL of target and draft there, in nats; NaN where no draft was read. [rows] */
  readonly divergence: Float32Array;
}

/** Who wrote a shard's solutions, and on which problem. */
export interface SolutionOrigin {
  readonly problem: string;
  readonly domain: string;
  readonly source: string;
}

export interface FeatureShard {
  readonly hiddenSize: number;
  readonly solutions: readonly SolutionOrigin[];
  readonly columns: FeatureColumns;
  /** By state: [rows, its width], row-major. Row r - 1 holds the state before that of a labelled row r. */
  readonly states: Readonly<Partial<Record<FeatureName, Float32Array>>>;
}

export const INTEGERS = ['solution', 'position', 'correct', 'token', 'argmax'] as const;
export const FLOATS = ['chosen', 'topLogProb', 'entropy', 'topRatio', 'divergence'] as const;
const FORMAT = 'judge-decoding.features';
const VERSION = '2';

/** One safetensors file, readable by every safetensors library; complete or not there at all. */
export async function writeShard(
  path: string,
  { hiddenSize, solutions, columns, states }: FeatureShard,
): Promise<void> {
  const rows = columns.token.length;
  const bytes = ({ buffer, byteOffset, byteLength }: Int32Array | Float32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  await writeSafetensors(
    path,
    [
      ...INTEGERS.map((name) => ({ name, shape: [rows], type: 'I32' as const, bytes: bytes(columns[name]) })),
      ...FLOATS.map((name) => ({ name, shape: [rows], type: 'F32' as const, bytes: bytes(columns[name]) })),
      ...(Object.entries(states) as [FeatureName, Float32Array][]).map(([name, values]) => ({
        name,
        shape: [rows, rows === 0 ? hiddenSize : values.length / rows],
        type: 'F32' as const,
        bytes: bytes(values),
      })),
    ],
    {
      metadata: {
        format: FORMAT,
        version: VERSION,
        hiddenSize: String(hiddenSize),
        solutions: JSON.stringify(solutions),
      },
    },
  );
}

/** A shard whose states stay on the disk. */
export interface OpenedShard extends Omit<FeatureShard, 'states'> {
  /** Where each state lies, and how wide it is. */
  readonly states: ReadonlyMap<FeatureName, RowFile & { readonly width: number }>;
}

/** Reads a shard's columns, checks them and the shapes of its states, and says where those lie. */
export async function openShard(path: string): Promise<OpenedShard> {
  const file = await openSafetensors(path);
  try {
    const { format, version, hiddenSize, solutions: listed = '[]' } = file.metadata;
    if (format !== FORMAT || version !== VERSION) throw bad(path, `its format is \`${format} ${version}\``);
    const raw = async (name: string) => (await file.raw(name)).buffer as ArrayBuffer;
    const columns = Object.fromEntries([
      ...(await Promise.all(INTEGERS.map(async (name) => [name, new Int32Array(await raw(name))] as const))),
      ...(await Promise.all(FLOATS.map(async (name) => [name, new Float32Array(await raw(name))] as const))),
    ]) as unknown as FeatureColumns;
    const rows = columns.token.length;
    for (const name of [...INTEGERS, ...FLOATS])
      if (columns[name].length !== rows)
        throw bad(path, `\`${name}\` has ${columns[name].length} rows, \`token\` ${rows}`);
    const solutions = JSON.parse(listed) as SolutionOrigin[];
    if (columns.solution.some((index) => index < 0 || index >= solutions.length))
      throw bad(path, `a row belongs to none of its ${solutions.length} solutions`);
    const lost = firstMisaligned(columns);
    if (lost >= 0)
      throw bad(path, `row ${lost} is labelled and does not follow the row of the token before it`);
    const states = new Map<FeatureName, RowFile & { readonly width: number }>();
    for (const { name, shape, type } of file.list()) {
      if (shape.length !== 2) continue;
      const [stored, width = 0] = shape;
      if (stored !== rows) throw bad(path, `\`${name}\` has ${stored} rows, the columns ${rows}`);
      if (type !== 'F32') throw bad(path, `\`${name}\` is of type ${type}`);
      states.set(name as FeatureName, { path, position: file.positionOf(name), rows, width });
    }
    return { hiddenSize: Number(hiddenSize), solutions, columns, states };
  } finally {
    await file.dispose();
  }
}

/** The first labelled row whose row before is of another place of the text; -1 where there is none. */
const firstMisaligned = ({ correct, solution, position }: FeatureColumns): number =>
  correct.findIndex(
    (label, row) =>
      label >= 0 &&
      !(row > 0 && solution[row - 1] === solution[row] && position[row - 1] === position[row]! - 1),
  );

/** Reads a shard, or only some of its states, into memory. */
export async function readShard(path: string, wanted?: readonly FeatureName[]): Promise<FeatureShard> {
  const { states: found, ...shard } = await openShard(path);
  const file = await openSafetensors(path);
  try {
    const states: Partial<Record<FeatureName, Float32Array>> = {};
    for (const name of wanted ?? found.keys()) states[name] = await file.read(name);
    return { ...shard, states };
  } finally {
    await file.dispose();
  }
}

export function bad(path: string, what: string): JudgeDecodingError {
  return new JudgeDecodingError(
    'invalid-file',
    `Expected a shard of features at \`${path}\`, but ${what}. Remove it: the extraction writes it again.`,
  );
}
