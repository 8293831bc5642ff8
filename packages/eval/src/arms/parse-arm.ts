import {
  type Acceptance,
  asksHead,
  exampleTextOf,
  invalidOption,
  JudgeDecodingError,
  parseRule,
  RULES,
  type RuleRow,
  sayAcceptance,
} from '@judge-decoding/core';
import type { Arm } from './arm.ts';
import { OTHER_ARMS } from './arm-names.ts';

/** What an arm’s name may refer to, and what holds where it does not say. */
export interface ParseArmOptions {
  /** Where none is said behind the name, as in `kl:0.3/8`. */
  readonly draftLength: number;
  /** The table; core's own when absent. */
  readonly rules?: readonly RuleRow[];
  /** Heads by name; the first is the one that `judge` means. */
  readonly heads?: readonly string[];
  /** Programs of others, by the names of their arms. */
  readonly outside?: readonly string[];
  /** What the arm `synthetic` accepts. */
  readonly acceptance?: Acceptance | undefined;
}

/**
 * An arm by its name: `plain`, `draft`, or a rule as `--verify` takes it (`kl:0.3`, `judge:0.8+kl:0.3`),
 * `judge@shuffled:0.5` with another of the run's heads, `strict/4` at a draft length of its own.
 *
 * @throws JudgeDecodingError `invalid-option` for a name or a draft length that is none.
 */
export function parseArm(text: string, options: ParseArmOptions): Arm {
  const { draftLength: usual, rules = RULES, heads = [], outside = [], acceptance } = options;
  if (outside.includes(text.trim())) {
    const name = text.trim();
    return { name, decode: 'outside', program: name };
  }
  const [, name = text, length] = /^(.*?)(?:\/(\d+))?$/.exec(text.trim()) ?? [];
  const draftLength = length === undefined ? usual : Number(length);
  if (!(Number.isInteger(draftLength) && draftLength >= 1))
    throw invalidOption('arms', 'arms with a draft length of at least 1, as in `strict/4`', text);
  if (name === 'plain' || name === 'draft') {
    if (length !== undefined)
      throw invalidOption('arms', `\`${name}\` without a draft length: it drafts nothing`, text);
    return { name, decode: 'plain', model: name === 'plain' ? 'target' : 'draft' };
  }
  if (name === 'likelihood') return { name, decode: 'plain', model: 'target', choose: true };
  const speculative = { name, decode: 'speculative', draftLength } as const;
  switch (name) {
    case 'everything-unguarded':
      return {
        ...speculative,
        verify: { rule: 'spec', spec: parseRule('everything') },
        guards: 'off',
        bonus: 'off',
      };
    case 'oracle':
      return { ...speculative, verify: { rule: 'oracle' } };
    case 'synthetic':
      if (acceptance === undefined)
        throw invalidOption('arms', 'no arm `synthetic` without --synthetic-acceptance', text);
      return { ...speculative, verify: { rule: 'synthetic', acceptance } };
    default:
      return { ...speculative, verify: verificationOf(name, rules, heads) };
  }
}

function verificationOf(name: string, rules: readonly RuleRow[], heads: readonly string[]) {
  const named = [...name.matchAll(/judge@([\w-]+)/g)].map(([, head]) => head!);
  if (new Set(named).size > 1) throw invalidOption('arms', 'one head in an arm', name);
  const spec = parseOf(name.replaceAll(/judge@[\w-]+/g, 'judge'), rules);
  if (!asksHead(spec, rules)) return { rule: 'spec', spec } as const;
  const head = named[0] ?? heads[0];
  if (head !== undefined && heads.includes(head)) return { rule: 'spec', spec, head } as const;
  throw new JudgeDecodingError(
    'invalid-option',
    heads.length === 0
      ? `The arm \`${name}\` asks a judge head, and none was given. Add --head FILE, or leave the arm out.`
      : `The arm \`${name}\` names the head \`${head}\`, and there are only ${heads.join(', ')}.`,
  );
}

function parseOf(name: string, rules: readonly RuleRow[]) {
  try {
    return parseRule(name, { rules, what: 'the arm' });
  } catch (cause) {
    if (!JudgeDecodingError.is(cause)) throw cause;
    const others = OTHER_ARMS.map(([other]) => other).join(', ');
    throw new JudgeDecodingError('invalid-option', `${cause.message} Other arms are ${others}.`, { cause });
  }
}

/** Arms and groups of arms, parted by commas; each once, in the order in which they first come. */
export function parseArms(
  text: string,
  options: ParseArmOptions & { readonly draftLengths?: readonly number[] },
): readonly Arm[] {
  const { rules = RULES, heads = [], draftLengths = [options.draftLength] } = options;
  const names = text
    .split(/\s*,\s*(?![\d.])/)
    .filter((name) => name !== '')
    .flatMap((name) => membersOf(name, rules, heads.length > 0));
  const arms = draftLengths.flatMap((draftLength) =>
    names.map((name) => parseArm(name, { ...options, draftLength })),
  );
  // plain decoding has no draft length, and groups overlap
  return [...new Map(arms.map((arm) => [JSON.stringify(arm), arm])).values()];
}

function membersOf(name: string, rules: readonly RuleRow[], hasHead: boolean): readonly string[] {
  switch (name) {
    case 'headline':
      return ['plain', 'strict', ...(hasHead ? ['judge'] : []), 'draft'];
    case 'controls':
      return ['everything', 'random:0.9', 'draft'];
    case 'rivals':
      return rules
        .filter((row) => row.kind === 'admission' && row.control !== true && row.needsHead !== true)
        .map(exampleTextOf);
    default:
      return [name];
  }
}

/** The rule without its numbers: points of one family are one curve. */
export const familyOf = (arm: string): string => arm.replaceAll(/(?<=[a-z])[:@](?=[\d.])[\d.,:]*/g, '');

/** What stands behind an arm's name where it was simulated. */
export const syntheticNote = (arm: Arm): string | undefined =>
  arm.decode === 'speculative' && arm.verify.rule === 'synthetic'
    ? `synthetic: ${sayAcceptance(arm.verify.acceptance)}`
    : undefined;
