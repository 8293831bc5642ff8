import {
  type HeadTerm,
  type HiddenName,
  JudgeDecodingError,
  type JudgeHead,
  type ModelInfo,
  termStateOf,
} from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';
import { readNpz } from './npz.ts';

/** What a score of the file means. */
export type Polarity =
  /** P(the token is correct): accepted above the threshold. */
  | 'correct'
  /** P(the token matters, AutoJudge’s “important”): accepted below the threshold. */
  | 'important';

export interface ImportOptions {
  /** Of the file, or said here; a file that says nothing and no word here is an error. */
  readonly polarity?: Polarity | undefined;
  /** Which state of the target it reads. Hugging Face's `hidden_states[-1]`, AutoJudge and SelfJudge: post-norm. */
  readonly state: HiddenName;
  readonly row?: HeadTerm['row'];
  /** Instead of the file's. */
  readonly threshold?: number | undefined;
  /** The target that it was fitted for. */
  readonly model: Pick<ModelInfo, 'name' | 'hiddenSize' | 'fingerprint' | 'dtype'>;
}

/** How scikit-learn's objects become a file that can be read; shown where a pickle is offered. */
export const EXPORT_LINE =
  "python -c \"import pickle, numpy as np; m = pickle.load(open('head.pkl', 'rb')); s, c = m[0], m[-1]; np.savez('head.npz', weights=c.coef_, bias=c.intercept_, mean=s.mean_, scale=s.scale_, threshold=0.5)\"";

interface Numbers {
  readonly weights: Float64Array;
  readonly bias: number;
  readonly mean?: Float64Array | undefined;
  readonly scale?: Float64Array | undefined;
  readonly threshold?: number | undefined;
  readonly polarity?: unknown;
}

/**
 * A head in scikit-learn's form, score = sigmoid(weights . (x - mean) / scale + bias), as a head file:
 * .npz (`weights`, `bias`, `mean`, `scale`, `threshold`) or JSON with the same names and `polarity`.
 * Pickles are refused: reading one runs whatever is in it.
 */
export function importHead(file: Uint8Array, path: string, options: ImportOptions): JudgeHead {
  const { model, state, row = 'own' } = options;
  const bad = (what: string) =>
    new JudgeDecodingError(
      'invalid-file',
      `Expected a head in scikit-learn’s form in \`${path}\`, but ${what}.`,
    );
  const found = numbersIn(file, path, bad);
  const { weights, bias, mean, scale } = found;
  const size = model.hiddenSize;
  if (weights.length !== size)
    throw new JudgeDecodingError(
      'mismatch',
      `Expected ${size} weights in \`${path}\`, the hidden size of ${model.name}, got ${weights.length}.${
        weights.length % size === 0 || weights.length > size
          ? ' A head on the states of draft and target together cannot be used: fit one on the target alone.'
          : ''
      }`,
    );
  for (const [name, values] of [
    ['mean', mean],
    ['scale', scale],
  ] as const)
    if (values !== undefined && values.length !== size)
      throw bad(`\`${name}\` has ${values.length} numbers, \`weights\` ${size}`);
  for (const [name, values] of Object.entries({ weights, mean, scale, bias: [bias] }))
    if (values?.some((value) => !Number.isFinite(value)))
      throw bad(`\`${name}\` has a number that is not finite`);
  if (scale?.some((value) => value <= 0)) throw bad('`scale` has a number that is not above 0');
  const polarity = polarityOf(found.polarity, options.polarity, path);
  const threshold = options.threshold ?? found.threshold ?? 0.5;
  if (!(threshold >= 0 && threshold <= 1)) throw bad(`its threshold is ${threshold}, no number from 0 to 1`);
  const sign = polarity === 'correct' ? 1 : -1;
  const folded = weights.map((weight, i) => (sign * weight) / (scale?.[i] ?? 1));
  const offset = folded.reduce((sum, weight, i) => sum - weight * (mean?.[i] ?? 0), sign * bias);
  return {
    terms: [{ ...termStateOf(state), row, weights: Float32Array.from(folded) }],
    bias: offset,
    threshold: polarity === 'correct' ? threshold : 1 - threshold,
    hiddenSize: size,
    provenance: {
      model: model.name,
      fingerprint: model.fingerprint,
      dtype: model.dtype,
      data: `imported, sha256 ${sha256(file)}`,
      metrics: {},
      calibration: [],
    },
  };
}

function polarityOf(inFile: unknown, said: Polarity | undefined, path: string): Polarity {
  const known = (value: unknown): value is Polarity => value === 'correct' || value === 'important';
  if (inFile !== undefined && !known(inFile))
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`polarity\` in \`${path}\` to be correct or important, got ${JSON.stringify(inFile)}.`,
    );
  if (known(inFile) && said !== undefined && inFile !== said)
    throw new JudgeDecodingError(
      'mismatch',
      `\`${path}\` says that its scores mean P(${inFile}), and \`polarity\` says P(${said}). One of them is wrong.`,
    );
  const polarity = said ?? inFile;
  if (known(polarity)) return polarity;
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected to be told what the scores of \`${path}\` mean: \`correct\` (a high score lets the token in) or \`important\` (AutoJudge: a low one does). Give \`polarity\` (\`--polarity\`): a head read the wrong way round lets in exactly the wrong tokens.`,
  );
}

function numbersIn(file: Uint8Array, path: string, bad: (what: string) => JudgeDecodingError): Numbers {
  // a pickle begins with its protocol, joblib's and torch's hold one
  if (file[0] === 0x80 || /\.(pkl|pickle|joblib|pt|pth|bin)$/.test(path))
    throw new JudgeDecodingError(
      'unsupported',
      `\`${path}\` is a pickle, and reading one runs whatever is in it. Write its numbers down where you trust it (a scaler and a classifier in a pipeline):\n  ${EXPORT_LINE}\nand import head.npz.`,
    );
  if (file[0] === 0x50 && file[1] === 0x4b) {
    const arrays = readNpz(file, path);
    const of = (name: string) => arrays.get(name)?.values;
    const weights = of('weights') ?? of('coef_');
    if (weights === undefined) throw bad('it has no `weights`');
    return {
      weights,
      bias: (of('bias') ?? of('intercept_'))?.[0] ?? 0,
      mean: of('mean') ?? of('mean_'),
      scale: of('scale') ?? of('scale_'),
      threshold: of('threshold')?.[0],
    };
  }
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(Buffer.from(file).toString('utf8')) as typeof value;
  } catch {
    throw bad('it is neither .npz nor JSON');
  }
  if (typeof value !== 'object' || value === null) throw bad('it is no JSON object');
  const list = (...names: readonly string[]): Float64Array | undefined => {
    const name = names.find((one) => value[one] !== undefined);
    const numbers = name === undefined ? undefined : value[name];
    if (numbers === undefined) return undefined;
    const flat = Array.isArray(numbers) ? numbers.flat() : [numbers];
    if (!flat.every((one) => typeof one === 'number')) throw bad(`\`${name}\` is no list of numbers`);
    return Float64Array.from(flat as readonly number[]);
  };
  const weights = list('weights', 'coef_', 'coef');
  if (weights === undefined) throw bad('it has no `weights`');
  return {
    weights,
    bias: list('bias', 'intercept_', 'intercept')?.[0] ?? 0,
    mean: list('mean', 'mean_'),
    scale: list('scale', 'scale_'),
    threshold: list('threshold')?.[0],
    polarity: value.polarity,
  };
}
