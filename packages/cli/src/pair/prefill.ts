import { JudgeDecodingError } from '@judge-decoding/core';
import { badFlag } from '../options/flag-value.ts';
import type { ModelFlags } from '../options/model-flags.ts';
import type { BackendEntry, Backends } from './backends.ts';

type PrefillFlags = Pick<ModelFlags, 'backend' | 'prefill' | 'exact'>;

const FLAG = '--prefill';

/** Said once where prompts are read fast. */
export const FAST_PREFILL_SAID =
  'prompts are read fast (cuBLASLt): their last bits are not those of decoding, so passes are not exact, and strict decoding may write another text than plain decoding where two tokens are nearly as likely';

/** Refuses what nobody can read, and what a backend cannot do. */
export function checkPrefill(
  { backend, prefill, exact }: PrefillFlags,
  entry: BackendEntry,
  backends: Backends,
): void {
  if (prefill === undefined || prefill === 'exact') return;
  if (prefill !== 'fast') throw badFlag(FLAG, 'exact or fast', prefill);
  if (entry.prefillsFast !== true) {
    const able = Object.entries(backends).flatMap(([name, each]) =>
      each.prefillsFast === true ? [name] : [],
    );
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected no ${FLAG} fast for the backend ${backend}, which reads prompts in one way. Leave it out${able.length === 0 ? '' : `, or use --backend ${able.join(' or ')}`}.`,
    );
  }
  if (exact === true) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected --exact or ${FLAG} fast, got both: what is read fast is not exact. Leave one of them out.`,
    );
  }
}

/** A draft that runs elsewhere is read as that backend reads. */
export const prefillOf = (
  { prefill }: Pick<ModelFlags, 'prefill'>,
  entry: BackendEntry,
): 'fast' | undefined => (prefill === 'fast' && entry.prefillsFast === true ? 'fast' : undefined);
