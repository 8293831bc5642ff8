import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import { shown } from './json-file.ts';

/** Facts of generation_config.json and config.json about where texts end and how to sample. */
export interface FileGeneration {
  readonly endTokens: readonly TokenId[];
  readonly beginToken?: TokenId;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
}

/** A file and what it holds. */
export interface JsonAt {
  readonly path: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * generation_config.json goes before config.json where both speak of the same thing; where there is
 * none, as beside old models, config.json says it all. Sampling values are kept only where the file
 * says `do_sample`: otherwise they are left-over defaults.
 */
export function readGeneration(generation: JsonAt | undefined, config: JsonAt): FileGeneration {
  const ids = (name: string): TokenId[] => {
    const own = generation?.json[name] ?? undefined;
    const { path } = own === undefined ? config : generation!;
    const value = own ?? config.json[name] ?? [];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (!list.every((id) => Number.isSafeInteger(id) && (id as number) >= 0)) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected \`${name}\` in \`${path}\` to be a token id or a list of them, got ${shown(value)}.`,
      );
    }
    return list as TokenId[];
  };
  const beginToken = ids('bos_token_id')[0];
  const { json: sampling } = generation ?? config;
  const sampled = sampling.do_sample === true;
  const number = (name: string): number | undefined => {
    const value = sampled ? sampling[name] : undefined;
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const values = {
    beginToken,
    temperature: number('temperature'),
    topK: number('top_k'),
    topP: number('top_p'),
    minP: number('min_p'),
    repetitionPenalty: number('repetition_penalty'),
  };
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return { endTokens: [...new Set(ids('eos_token_id'))], ...Object.fromEntries(present) };
}
