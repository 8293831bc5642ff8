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

/** What to say before the pocket pair answers something; nothing where it is of its world. */
export const pocketNotice = (prompt: string): string | undefined =>
  domainOf(prompt) === undefined
    ? 'The pocket pair only speaks its own world (word problems, table questions and list procedures), and this is not of it: expect nonsense. `judge problems` draws questions it knows; --target and --draft name other models.'
    : undefined;
