import { learnedDomains } from '@judge-decoding/pocket-pair';
import type { Domain } from '@judge-decoding/tasks';

/** How each domain of the pocket world puts a question, whatever names and numbers it holds. */
const SHAPES: Readonly<Record<Domain, RegExp>> = {
  words: /^[A-Z]\w+ has \d+ \w+\. [\s\S]*\bHow many \w+ does [A-Z]\w+ have/,
  tables: /^([\w ]+( \| [\w ]+)+\n)+\S/,
  lists: /^Start with the list \d+(, \d+)+\. /,
};

/** The domain that a question belongs to, if it is of the pocket world at all. */
export function domainOf(prompt: string): Domain | undefined {
  const found = Object.entries(SHAPES).find(([, shape]) => shape.test(prompt.trim()));
  return found?.[0] as Domain | undefined;
}

const NAMES: Readonly<Record<Domain, string>> = {
  words: 'word problems',
  tables: 'table questions',
  lists: 'list procedures',
};

/** What to say before the pocket pair answers a question of `domain`; nothing where it knows its way. */
export function pocketNotice(
  domain: Domain | undefined,
  learned: readonly Domain[] = learnedDomains,
): string | undefined {
  if (domain !== undefined && learned.includes(domain)) return undefined;
  const named = learned.map((name) => NAMES[name]);
  const known = [named.slice(0, -1).join(', '), ...named.slice(-1)]
    .filter((text) => text !== '')
    .join(' and ');
  return domain === undefined
    ? `The pocket pair only speaks its own world (${known}), and this is not of it: expect nonsense. \`judge problems\` draws questions it knows; --target and --draft name other models.`
    : `The pocket pair has learned ${known}, but not ${NAMES[domain]}: expect wrong answers.`;
}
