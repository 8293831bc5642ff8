import { readdir, readFile } from 'node:fs/promises';
import { JudgeDecodingError, type JudgeHead, parseRule, readHead } from '@judge-decoding/core';
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
 * `logits-with-chosen`, and every rule of core's table as `--verify` takes it: `topk:2`, `kl:0.3`, `mars`.
 */
export function armOf(name: string, draftLength: number, { rate }: Pick<Fitted, 'rate'>): Arm {
  if (name === 'target' || name === 'draft') return { name, decode: 'plain', model: name };
  if (name === 'everything-unguarded') {
    const verify = ofTable('everything');
    return { name, decode: 'speculative', verify, draftLength, guards: 'off', bonus: 'off' };
  }
  return { name, decode: 'speculative', verify: verificationOf(name, rate), draftLength };
}

function verificationOf(name: string, rate: number | undefined): Verification {
  const [rule = '', cut] = name.split('@');
  const [kind = '', parameter] = rule.split(':');
  const behind = cut === undefined ? '' : `:${cut}`;
  switch (kind) {
    case 'oracle':
      return { rule: 'oracle' };
    case 'judge':
      return { ...ofTable(`judge${behind}`), head: parameter ?? 'pre-norm' };
    case 'shuffled':
      return { ...ofTable(`judge${behind}`), head: 'shuffled' };
    case 'random':
      return ofTable(parameter === undefined && rate !== undefined ? `random:${rate}` : rule);
    case 'logits-only':
    case 'logits-with-chosen':
      return { rule: 'logits', name: kind, ...(cut === undefined ? {} : { threshold: number(cut, name) }) };
    default:
      return ofTable(rule);
  }
}

function ofTable(rule: string) {
  try {
    return { rule: 'spec', spec: parseRule(rule, { what: 'the arm' }) } as const;
  } catch (cause) {
    if (!JudgeDecodingError.is(cause)) throw cause;
    throw new JudgeDecodingError(
      'invalid-option',
      `${cause.message} Known are ${MAIN_ARMS.join(', ')} and those of --help.`,
      { cause },
    );
  }
}

function number(text: string | undefined, name: string): number {
  const value = Number(text);
  if (text === undefined || text === '' || Number.isNaN(value))
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected a number in the arm \`${name}\`, as in \`logits-only@0.5\`.`,
    );
  return value;
}
