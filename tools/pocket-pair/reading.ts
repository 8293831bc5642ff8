// Training text that is nothing but looking up: a table, and a solution that reads all of it out in the order
// asked for. One look-up in five tokens, where a table question has one in thirty: a model finds out early
// how a name leads to its number. Short tables come more often than long ones: in them a guess is right more
// often, so that there is something to learn from before anything is understood. No problem of the world
// is like this.
import { between, pick, pickSome, type Random } from '../../packages/tasks/src/pocket-world/random.ts';
import { entry } from '../../packages/tasks/src/pocket-world/table-questions.ts';
import { ITEMS, TABLE_NAMES } from '../../packages/tasks/src/pocket-world/things.ts';

const MOST_ROWS = 10;

export function readingExercise(random: Random): { readonly prompt: string; readonly text: string } {
  const item = pick(random, ITEMS);
  const rows = between(random, 1, between(random, 2, MOST_ROWS));
  const names = pickSome(random, TABLE_NAMES, rows);
  const entries = names.map((name) => entry(name, between(random, 11, 99)));
  const order = pickSome(random, [...names.keys()], rows);
  const asked = order.map((row) => names[row]).join(', ');
  const read = order.map((row) => entries[row]).join(', ');
  return {
    prompt: `${[item, ...entries].join(' | ')}\nRead out the ${item} of ${asked}.`,
    text: `We read ${read}.`,
  };
}
