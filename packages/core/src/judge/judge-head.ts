import type { Fingerprint, HeadTerm, ModelInfo } from '../backend.ts';
import { invalidOption, JudgeDecodingError } from '../errors.ts';

/**
 * A linear classifier of P(this draft token is correct), read from the target's own hidden states
 * (Bachmann et al. 2025, section 4). The paper's head has one term: last layer, pre-norm, own row.
 */
export interface JudgeHead {
  readonly terms: readonly HeadTerm[];
  readonly bias: number;
  /** Recommended cut, chosen on held-out data. A token passes when its score is strictly greater. */
  readonly threshold: number;
  readonly hiddenSize: number;
  readonly provenance: HeadProvenance;
}

/** Where a head comes from; travels inside its file. */
export interface HeadProvenance {
  readonly model: string;
  readonly fingerprint: Fingerprint;
  /** Weight type of the model whose hidden states it was fitted on. */
  readonly dtype: string;
  /** Digest of the labelled data. */
  readonly data: string;
  /** Measured figures by name (ROC-AUC and so on). */
  readonly metrics: Readonly<Record<string, number>>;
  /** What a threshold costs and buys where standard verification rejects, on held-out data. */
  readonly calibration: readonly CalibrationPoint[];
  /** How it was made, as people read it: labels, questions, recipe … */
  readonly made?: Readonly<Record<string, string>>;
  /** Other types in which the same checkpoint was run and the head's scores were measured. */
  readonly measured?: readonly MeasuredDtype[];
}

/** A weight type in which a head's scores were measured, beside the one that it was fitted on. */
export interface MeasuredDtype {
  /** As `ModelInfo.dtype` says it. */
  readonly dtype: string;
  /** As `ModelInfo.device` says it, where the figures hold on that device alone. */
  readonly device?: string;
  /** The cut to recommend there. */
  readonly threshold: number;
  /** Measured figures by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** As `HeadProvenance.calibration`, measured there. */
  readonly calibration: readonly CalibrationPoint[];
}

export interface CalibrationPoint {
  readonly threshold: number;
  /** Share of wrong tokens that are stopped. */
  readonly wrongStopped: number;
  /** Share of correct tokens that are let in. */
  readonly correctAdmitted: number;
}

/**
 * The score of the token in `row`, as a logit: the dot products of a pass plus the bias. The
 * token is correct with probability sigmoid(logit). Depends on no later row.
 * `dot(term, row)` is a backend's dot product of that term with that row's hidden state.
 */
export function judgeLogit(
  head: JudgeHead,
  row: number,
  dot: (term: HeadTerm, row: number) => number,
): number {
  let logit = head.bias;
  for (const term of head.terms) logit += dot(term, term.row === 'own' ? row : row - 1);
  return logit;
}

/** sigmoid: a logit as a probability. */
export const probabilityOf = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** The inverse: -Infinity at 0, Infinity at 1, so threshold 1 admits nothing and 0 all but -Infinity and NaN. */
export function logitOf(threshold: number): number {
  if (!(threshold >= 0 && threshold <= 1))
    throw invalidOption('threshold', 'a number from 0 to 1', threshold);
  return Math.log(threshold / (1 - threshold));
}

/** What was measured of a head in the type that this model runs; `undefined` where it was fitted in it, or never seen in it. */
export function measuredFor(
  { provenance: { fingerprint, dtype, measured = [] } }: JudgeHead,
  model: Pick<ModelInfo, 'dtype' | 'device' | 'fingerprint'>,
): MeasuredDtype | undefined {
  if (fingerprint.weights !== model.fingerprint.weights || dtype === model.dtype) return undefined;
  const alike = measured.filter((each) => each.dtype === model.dtype);
  return alike.find((each) => isOn(each, model)) ?? alike.find(({ device }) => device === undefined);
}

/** Whether figures of a device hold on the model's: `cuda` is every `cuda:N`. */
const isOn = ({ device }: MeasuredDtype, model: Pick<ModelInfo, 'device'>): boolean =>
  device !== undefined && (model.device === device || model.device.startsWith(`${device}:`));

/** The head with the threshold that was measured in the type that this model runs, where one was. */
export function headFor(
  head: JudgeHead,
  model: Pick<ModelInfo, 'dtype' | 'device' | 'fingerprint'>,
): JudgeHead {
  const measured = measuredFor(head, model);
  return measured === undefined ? head : { ...head, threshold: measured.threshold };
}

/**
 * Refuses a head that was not fitted for this model. Another architecture, tokenizer or hidden
 * size is always an error; other weights, or a type of weights that it was not measured in, are one
 * unless `allowOtherWeights`, and then a notice to show and to keep in the statistics.
 */
export function checkHead(
  head: JudgeHead,
  model: ModelInfo,
  { allowOtherWeights = false }: { readonly allowOtherWeights?: boolean | undefined } = {},
): readonly string[] {
  const refuse = (what: string, of: string | number, is: string | number, next: string) => {
    throw new JudgeDecodingError(
      'mismatch',
      `The head was fitted for ${what} ${of}, the target ${model.name} has ${is}. ${next}`,
    );
  };
  const fitted = head.provenance.fingerprint;
  const ours = model.fingerprint;
  const next = `Use a head fitted on ${model.name}, or fit one with @judge-decoding/train, or \`judge train run\`.`;
  if (head.hiddenSize !== model.hiddenSize) refuse('hidden size', head.hiddenSize, model.hiddenSize, next);
  if (fitted.architecture !== ours.architecture) {
    refuse('architecture', short(fitted.architecture), short(ours.architecture), next);
  }
  if (fitted.tokenizer !== ours.tokenizer)
    refuse('tokenizer', short(fitted.tokenizer), short(ours.tokenizer), next);
  const offered = ['last', ...(model.layersOffered ?? [])];
  const layer = head.terms.find((term) => !offered.includes(term.layer))?.layer;
  if (layer !== undefined) {
    throw new JudgeDecodingError(
      'unsupported',
      `The head reads layer ${layer}, and ${model.name} as it runs here offers ${offered.join(', ')}. Use a backend that offers it, or a head on another layer.`,
    );
  }
  if (fitted.weights === ours.weights && head.provenance.dtype === model.dtype) return [];
  if (measuredFor(head, model) !== undefined) return [];
  const of = `${short(fitted.weights)} (${head.provenance.dtype})`;
  const is = `${short(ours.weights)} (${model.dtype})`;
  if (!allowOtherWeights) {
    if (fitted.weights === ours.weights) refuseType(head, model);
    refuse('weights', of, is, 'Pass `allowOtherWeights` (`--allow-other-weights`) to use it all the same.');
  }
  return [`The head was fitted on weights ${of}, the target runs ${is}: its scores are not calibrated here.`];
}

/** The same weights in a type of which the head says nothing. */
function refuseType({ provenance }: JudgeHead, { name, dtype, device }: ModelInfo): never {
  const measured = (provenance.measured ?? []).map((each) =>
    each.device === undefined ? each.dtype : `${each.dtype} on ${each.device}`,
  );
  const others = measured.length === 0 ? '' : ` and measured in ${measured.join(', ')}`;
  throw new JudgeDecodingError(
    'mismatch',
    `The head was fitted for weights ${short(provenance.fingerprint.weights)} (${provenance.dtype})${others}; the target ${name} runs them as ${dtype} on ${device}, where its scores were not measured. Run it in a type that was (\`--dtype\`), or pass \`allowOtherWeights\` (\`--allow-other-weights\`) to use it all the same.`,
  );
}

const short = (digest: string) => (digest.length > 12 ? digest.slice(0, 12) : digest);
