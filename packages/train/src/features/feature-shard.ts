import { openSafetensors, writeSafetensors } from '@judge-decoding/checkpoint';
import { type HiddenState, JudgeDecodingError } from '@judge-decoding/core';

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
  /** By state: [rows, hiddenSize], row-major. Row r - 1 holds the state before that of a labelled row r. */
  readonly states: Readonly<Partial<Record<HiddenState, Float32Array>>>;
}

const INTEGERS = ['solution', 'position', 'correct', 'token', 'argmax'] as const;
const FLOATS = ['chosen', 'topLogProb', 'entropy'] as const;

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
      ...Object.entries(states).map(([name, values]) => ({
        name,
        shape: [rows, hiddenSize],
        type: 'F32' as const,
        bytes: bytes(values),
      })),
    ],
    { metadata: { format: 'judge-decoding.features', version: '1', solutions: JSON.stringify(solutions) } },
  );
}

/** Reads a shard, or only some of its states. */
export async function readShard(path: string, wanted?: readonly HiddenState[]): Promise<FeatureShard> {
  const file = await openSafetensors(path);
  try {
    if (file.metadata.format !== 'judge-decoding.features' || file.metadata.version !== '1')
      throw bad(path, `its format is \`${file.metadata.format} ${file.metadata.version}\``);
    const integers = async (name: string) => {
      const raw = await file.raw(name);
      return new Int32Array(raw.buffer, raw.byteOffset, raw.byteLength / 4);
    };
    const [solution, position, correct, token, argmax] = await Promise.all(INTEGERS.map(integers));
    const [chosen, topLogProb, entropy] = await Promise.all(FLOATS.map((name) => file.read(name)));
    const names = wanted ?? (['pre-norm', 'post-norm'] as const).filter((state) => file.has(state));
    const states: Partial<Record<HiddenState, Float32Array>> = {};
    let hiddenSize = 0;
    for (const state of names) {
      const { shape } = file.info(state);
      hiddenSize = shape[1] ?? 0;
      if (shape[0] !== token!.length)
        throw bad(path, `\`${state}\` has ${shape[0]} rows, the columns ${token!.length}`);
      states[state] = await file.read(state);
    }
    const columns = {
      solution: solution!,
      position: position!,
      correct: correct!,
      token: token!,
      argmax: argmax!,
      chosen: chosen!,
      topLogProb: topLogProb!,
      entropy: entropy!,
    };
    const solutions = JSON.parse(file.metadata.solutions ?? '[]') as SolutionOrigin[];
    if (columns.solution.some((index) => index < 0 || index >= solutions.length))
      throw bad(path, `a row belongs to none of its ${solutions.length} solutions`);
    return { hiddenSize, solutions, columns, states };
  } finally {
    await file.dispose();
  }
}

function bad(path: string, what: string): JudgeDecodingError {
  return new JudgeDecodingError(
    'invalid-file',
    `Expected a shard of features at \`${path}\`, but ${what}. Remove it: the extraction writes it again.`,
  );
}
