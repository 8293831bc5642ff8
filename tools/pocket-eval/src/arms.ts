import { readdir, readFile } from 'node:fs/promises';
import { JudgeDecodingError, type JudgeHead, readHead } from '@judge-decoding/core';
import type { Arm, LogitsWeights, Verification } from '@judge-decoding/eval';

/** What `heads` wrote: heads by name, the logits-only rules, and the rate of random admission. */
export interface Fitted {
  readonly heads: Readonly<Record<string, JudgeHead>>;
  readonly logits: Readonly<Record<string, LogitsWeights>>;
  readonly rate: number | undefined;
}

/** Nothing where there is no such folder: arms that need none of it run all the same. */
export async function readFitted(folder: string): Promise<Fitted> {
  const files = await readdir(folder).catch((): string[] => []);
  const heads: Record<string, JudgeHead> = {};
  for (const name of files.filter((one) => one.endsWith('.safetensors')))
    heads[name.replace('.safetensors', '')] = readHead(await readFile(`${folder}/${name}`));
  if (!files.includes('controls.json')) return { heads, logits: {}, rate: undefined };
  const controls = JSON.parse(await readFile(`${folder}/controls.json`, 'utf8')) as Pick<
    Fitted,
    'rate' | 'logits'
  >;
  return { heads, logits: controls.logits, rate: controls.rate };
}

export const MAIN_ARMS = ['target', 'draft', 'strict', 'judge', 'oracle', 'everything'] as const;

/**
 * Arms by name: `target`, `draft`, `strict`, `judge` (the pre-norm head), `judge:HEAD`, any of them
 * with `@THRESHOLD`, `oracle`, `everything`, `everything-unguarded` (the draft's own text), `random`, `shuffled`, `logits-only`,
 * `logits-with-chosen`, and the admissions of core with their parameter: `topk:2`, `kl:0.3`,
 * `typical`, `relaxed`, `fly`, `cascade:0.5`, `floor:0.1`.
 */
export function armOf(name: string, draftLength: number, { rate }: Pick<Fitted, 'rate'>): Arm {
  if (name === 'target' || name === 'draft') return { name, decode: 'plain', model: name };
  if (name === 'everything-unguarded') {
    const verify = { rule: 'everything' } as const;
    return { name, decode: 'speculative', verify, draftLength, guards: 'off', bonus: 'off' };
  }
  return { name, decode: 'speculative', verify: verificationOf(name, rate), draftLength };
}

function verificationOf(name: string, rate: number | undefined): Verification {
  const [rule = '', cut] = name.split('@');
  const [kind = '', parameter] = rule.split(':');
  const threshold = cut === undefined ? {} : { threshold: number(cut, name) };
  switch (kind) {
    case 'strict':
    case 'oracle':
    case 'everything':
    case 'typical':
    case 'relaxed':
    case 'fly':
      return { rule: kind };
    case 'judge':
      return { rule: 'judge', head: parameter ?? 'pre-norm', ...threshold };
    case 'shuffled':
      return { rule: 'judge', head: 'shuffled', ...threshold };
    case 'random':
      return {
        rule: 'random',
        rate: parameter === undefined && rate !== undefined ? rate : number(parameter, name),
      };
    case 'logits-only':
    case 'logits-with-chosen':
      return { rule: 'logits', name: kind, ...threshold };
    case 'topk':
      return { rule: 'topk', k: number(parameter, name) };
    case 'kl':
      return { rule: 'kl', threshold: number(parameter, name) };
    case 'cascade':
      return { rule: 'cascade', alpha: number(parameter, name) };
    case 'floor':
      return { rule: 'floor', least: number(parameter, name) };
    default:
      throw new JudgeDecodingError(
        'invalid-option',
        `There is no arm \`${name}\`. Known are ${MAIN_ARMS.join(', ')} and those of --help.`,
      );
  }
}

function number(text: string | undefined, name: string): number {
  const value = Number(text);
  if (text === undefined || text === '' || Number.isNaN(value))
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected a number in the arm \`${name}\`, as in \`kl:0.3\`.`,
    );
  return value;
}
