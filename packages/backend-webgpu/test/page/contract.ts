import { type ClauseResult, checkBackend, type Golden, toleranceFor } from '@judge-decoding/backend-contract';
import type { BrowserOptions } from '../../src/browser/index.ts';
import { backendOn } from './backend-on.ts';

export interface ContractRun {
  readonly options: BrowserOptions;
  readonly location: string;
  readonly malformed: readonly string[];
  readonly exempt: Readonly<Record<string, string>>;
  readonly golden: GoldenLists;
  /** As the contract takes it. */
  readonly slow?: boolean;
}

/** Lists instead of typed arrays, so that it crosses into a page. */
export interface GoldenLists {
  readonly prompt: readonly number[];
  readonly logits: readonly number[];
  readonly preNorm: readonly number[];
  /** Absent where weights are rounded: the text may leave it at any near tie. */
  readonly text?: readonly number[];
  readonly terms: readonly {
    readonly state: 'pre-norm' | 'post-norm';
    readonly weights: readonly number[];
  }[];
  readonly dots: readonly number[];
}

/** The whole contract, in this page. */
export function runContract({
  options,
  location,
  malformed,
  exempt,
  golden,
  slow = false,
}: ContractRun): Promise<readonly ClauseResult[]> {
  return checkBackend(
    {
      backend: backendOn(options),
      location,
      device: options.device,
      tolerance: toleranceFor(options.dtype ?? 'fp32'),
      exempt,
      malformed,
      golden: fromLists(golden),
      slow,
    },
    // for who watches the console
    { onResult: (result) => console.info(JSON.stringify(result)) },
  );
}

/** As the contract takes it. */
const fromLists = ({ prompt, logits, preNorm, text, terms, dots }: GoldenLists): Golden => ({
  prompt,
  logits: Float32Array.from(logits),
  preNorm: Float32Array.from(preNorm),
  ...(text === undefined ? {} : { text }),
  judge: {
    terms: terms.map(({ state, weights }) => ({
      layer: 'last',
      state,
      row: 'own',
      weights: Float32Array.from(weights),
    })),
    dots: Float32Array.from(dots),
  },
});
