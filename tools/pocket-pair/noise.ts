// What training documents have beyond the world: names and things that nobody has heard of, clauses that
// mean nothing, slips of the keyboard. So a model reads what a sentence says from how it is built, and
// copies a name it does not know.
import { madeUpWord } from '../../packages/tasks/src/pocket-world/open-words.ts';
import { between, pick, type Random } from '../../packages/tasks/src/pocket-world/random.ts';
import { ITEMS, NAMES } from '../../packages/tasks/src/pocket-world/things.ts';
import { type Vocabulary, WORLD } from '../../packages/tasks/src/pocket-world/word-cast.ts';

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Half of the names and things are made up, some of two words. */
export const NOISY: Vocabulary = {
  name: (random) => {
    const way = random();
    if (way < 0.4) return pick(random, NAMES);
    if (way < 0.9) return capital(madeUpWord(random));
    return way < 0.95
      ? `${pick(random, NAMES)} ${capital(madeUpWord(random))}`
      : `${pick(random, ['Mr', 'Mrs', 'Ms', 'Dr', 'Aunt', 'Uncle'])} ${capital(madeUpWord(random))}`;
  },
  item: (random) => {
    const way = random();
    if (way < 0.2) return WORLD.item(random);
    if (way < 0.7) return `${madeUpWord(random)}s`;
    return `${random() < 0.5 ? madeUpWord(random) : pick(random, ITEMS).replace(/s$/, '')} ${random() < 0.5 ? pick(random, ITEMS) : `${madeUpWord(random)}s`}`;
  },
};

/** The same prompt with a slip of the keyboard, or a clause that says nothing, here and there; words of the solution stay. */
export function disturbed(prompt: string, solution: string, domain: string, random: Random): string {
  const way = random();
  if (way < 0.5) return prompt;
  if (way < 0.75) {
    return prompt.replace(/[A-Za-z]{4,}/g, (word) =>
      random() < 0.1 && !solution.includes(word) ? mistyped(word, random) : word,
    );
  }
  if (domain !== 'words') return prompt;
  return prompt.replace(/\.(?= )/g, (stop) => (random() < 0.25 ? ` ${idleClause(random)}${stop}` : stop));
}

function idleClause(random: Random): string {
  const thing = () => (random() < 0.5 ? pick(random, ITEMS) : madeUpWord(random));
  const whose = pick(random, ['the', 'the', 'a', 'her', 'his', 'some']);
  return `${pick(random, ['in', 'at', 'near', 'with', 'for', 'because of', 'under', 'behind', 'after', 'before', 'during', 'along with'])} ${whose} ${thing()}`;
}

function mistyped(word: string, random: Random): string {
  const at = between(random, 1, word.length - 2);
  const way = random();
  if (way < 0.35) return word.slice(0, at) + word.slice(at + 1);
  if (way < 0.7) return word.slice(0, at) + word[at + 1]! + word[at]! + word.slice(at + 2);
  return word.slice(0, at) + word[at]! + word.slice(at);
}
