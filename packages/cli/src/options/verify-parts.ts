import {
  type Admission,
  type Base,
  block,
  cascade,
  ensemble,
  floor,
  fly,
  type JudgeHead,
  judged,
  kl,
  lenience,
  lossless,
  relaxed,
  type SamplingOptions,
  strict,
  topK,
  typical,
} from '@judge-decoding/core';

/** What parts are built with besides their own parameters. */
export interface Surroundings {
  readonly sampling: SamplingOptions;
  /** Present whenever a judge is asked for. */
  readonly head: JudgeHead | undefined;
}

interface PartKind<Part> {
  /** Names of its parameters, in order; those from `required` on may be left out. */
  readonly parameters: readonly string[];
  readonly required: number;
  /** Parameters that have been left out are undefined. */
  build(parameters: readonly number[], surroundings: Surroundings): Part;
}

/** `exactOptionalPropertyTypes` wants absent, not undefined. */
const given = <Key extends string>(key: Key, value: number | undefined): Partial<Record<Key, number>> =>
  value === undefined ? {} : ({ [key]: value } as Record<Key, number>);

/** Bases decide by themselves; a rule has one. */
export const BASES: Readonly<Record<string, PartKind<Base>>> = {
  strict: { parameters: [], required: 0, build: (_, { sampling }) => strict(sampling).base },
  lossless: { parameters: [], required: 0, build: () => lossless() },
  block: { parameters: [], required: 0, build: () => block() },
  lenience: { parameters: ['l'], required: 1, build: ([l]) => lenience(l!) },
  ensemble: {
    parameters: ['weight'],
    required: 1,
    build: ([weight], { sampling }) => ensemble(weight!, sampling.temperature === 0 ? 'greedy' : 'sampling'),
  },
};

/** Admissions are asked only where the base rejects; a rule has any number. */
export const ADMISSIONS: Readonly<Record<string, PartKind<Admission>>> = {
  judge: {
    parameters: ['threshold'],
    required: 0,
    build: ([threshold], { head }) => judged(head!, given('threshold', threshold)),
  },
  topk: { parameters: ['k'], required: 1, build: ([k]) => topK(k!) },
  typical: {
    parameters: ['epsilon', 'delta'],
    required: 0,
    build: ([epsilon, delta]) => typical({ ...given('epsilon', epsilon), ...given('delta', delta) }),
  },
  relaxed: {
    parameters: ['n', 'delta'],
    required: 0,
    build: ([n, delta]) => relaxed({ ...given('n', n), ...given('delta', delta) }),
  },
  kl: {
    parameters: ['threshold', 'maskTop1'],
    required: 1,
    build: ([threshold, maskTop1]) => kl(threshold!, given('maskTop1', maskTop1)),
  },
  fly: {
    parameters: ['window', 'entropy'],
    required: 0,
    build: ([window, entropy]) => fly({ ...given('window', window), ...given('entropy', entropy) }),
  },
  cascade: { parameters: ['alpha'], required: 1, build: ([alpha]) => cascade(alpha!) },
  floor: { parameters: ['least'], required: 1, build: ([least]) => floor(least!) },
};

export const PART_NAMES: readonly string[] = [...Object.keys(BASES), ...Object.keys(ADMISSIONS)];
