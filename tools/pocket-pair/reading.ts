// Training text that is nothing but looking up: a table, and a solution that reads all of it out in the order
// asked for. One look-up in five tokens, where a table question has one in thirty: a model finds out early
// how a name leads to its number. No problem of the world is like this.
import { between, pick, pickSome, type Random } from '../../packages/tasks/src/pocket-world/random.ts';
import { entry } from '../../packages/tasks/src/pocket-world/table-questions.ts';
import { ITEMS, TABLE_NAMES } from '../../packages/tasks/src/pocket-world/things.ts';

const ROWS = 10;

export function readingExercise(random: Random): { readonly prompt: string; readonly text: string } {
  const item = pick(random, ITEMS);
  const names = pickSome(random, TABLE_NAMES, ROWS);
  const entries = names.map((name) => entry(name, between(random, 11, 99)));
  const order = pickSome(random, [...names.keys()], ROWS);
  const asked = order.map((row) => names[row]).join(', ');
  const read = order.map((row) => entries[row]).join(', ');
  return {
    prompt: `${[item, ...entries].join(' | ')}\nRead out the ${item} of ${asked}.`,
    text: `We read ${read}.`,
  };
}
