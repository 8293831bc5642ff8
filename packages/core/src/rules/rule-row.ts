import type { JudgeHead } from '../judge/judge-head.ts';
import type { SamplingOptions } from '../sampling/sampling.ts';
import type { NumberRange } from './number-range.ts';
import type { Admission, Base } from './rule.ts';

/** A number that a rule takes. */
export interface RuleParameter extends NumberRange {
  /** As in the rule's own function: `threshold`, `maskTop1`. */
  readonly name: string;
  /**
   * Taken where the number is left out. A text says where it comes from instead ("the head's"), and
   * the rule is built without it. Absent: it must be given.
   */
  readonly default?: number | string;
  /** A usual value, for examples, laws and tables; needed where there is no default number. */
  readonly example?: number;
}

/** What a rule is built with besides its own numbers. */
export interface RuleSurroundings {
  readonly sampling: Pick<SamplingOptions, 'temperature'>;
  /** Present wherever a row that needs one is built. */
  readonly head?: JudgeHead | undefined;
}

interface RowFacts {
  /** As it is written: `kl`, `topk`. Small letters, digits and hyphens. */
  readonly name: string;
  /** In the order in which they are written; those that must be given come first. */
  readonly parameters: readonly RuleParameter[];
  /** What it does, in one sentence without its full stop. */
  readonly sentence: string;
  /** The paper or the program that it is from. */
  readonly source: string;
  /** The text keeps the target's distribution, whatever the numbers. */
  readonly lossless: boolean;
  /** A control, to measure others against: nothing to write texts with. */
  readonly control?: true;
}

/** A rule that decides by itself. `build` is given a number for each parameter that has one. */
export interface BaseRow extends RowFacts {
  readonly kind: 'base';
  build(values: RuleValues, surroundings: RuleSurroundings): Base;
}

/** A rule that is asked where the base rejects. */
export interface AdmissionRow extends RowFacts {
  readonly kind: 'admission';
  readonly lossless: false;
  /** It cannot be built without a judge head. */
  readonly needsHead?: true;
  build(values: RuleValues, surroundings: RuleSurroundings): Admission;
}

/** One rule in the table: all that parsers, help, evaluation, laws and documents know of it. */
export type RuleRow = BaseRow | AdmissionRow;

/** Numbers by the parameter's name. */
export type RuleValues = Readonly<Record<string, number | undefined>>;

/** The numbers of these parameters: only a default that comes from elsewhere leaves one out. */
type ValuesOf<Parameters extends readonly RuleParameter[]> = {
  readonly [Each in Parameters[number] as Each['name']]: Each extends { readonly default: string }
    ? number | undefined
    : number;
};

type Typed<Row extends RuleRow, Parameters extends readonly RuleParameter[]> = Omit<
  Row,
  'build' | 'parameters'
> & {
  readonly parameters: Parameters;
  build(values: ValuesOf<Parameters>, surroundings: RuleSurroundings): ReturnType<Row['build']>;
};

/** A row whose `build` knows its numbers by name and type. */
export const baseRow = <const Parameters extends readonly RuleParameter[]>(
  row: Omit<Typed<BaseRow, Parameters>, 'kind'>,
): BaseRow => ({ ...row, kind: 'base' }) as unknown as BaseRow;

/** The same for an admission, which is never lossless. */
export const admissionRow = <const Parameters extends readonly RuleParameter[]>(
  row: Omit<Typed<AdmissionRow, Parameters>, 'kind' | 'lossless'>,
): AdmissionRow => ({ ...row, kind: 'admission', lossless: false }) as unknown as AdmissionRow;

/** Numbers that must be given, as `kl:0.3` gives them; a row without any is written as its name. */
export const exampleOf = ({ parameters }: RuleRow): readonly number[] =>
  parameters.filter((parameter) => parameter.default === undefined).map(({ example }) => example!);

/** A head of no model, for rows that are built to be described. */
export const HEAD_STAND_IN: JudgeHead = {
  terms: [{ layer: 'last', state: 'pre-norm', row: 'own', weights: new Float32Array(1) }],
  bias: 0,
  threshold: 0.5,
  hiddenSize: 1,
  provenance: {
    model: '',
    fingerprint: { architecture: '', tokenizer: '', weights: '' },
    dtype: '',
    data: '',
    metrics: {},
    calibration: [],
  },
};
