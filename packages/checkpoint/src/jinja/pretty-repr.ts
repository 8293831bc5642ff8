import { NotSupported } from './errors.ts';
import { repr } from './repr.ts';
import type { FilterFunction } from './runtime.ts';
import { Dict, isList, isString, Tuple, textOf, type Value } from './values.ts';

const WIDTH = 80;

/** `pprint.pformat` of what fits into one line. */
export const prettyRepr: FilterFunction = (runtime, value) => {
  const text = repr(runtime, sorted(value));
  if (text.length >= WIDTH || (isString(value) && textOf(value).includes('\n'))) {
    throw new NotSupported('the filter pprint of more than a line');
  }
  return text;
};

/** Dicts are written in the order of their keys. */
function sorted(value: Value): Value {
  if (isList(value)) return value.map(sorted);
  if (value instanceof Tuple) return new Tuple(value.items.map(sorted));
  if (!(value instanceof Dict)) return value;
  const entries = [...value.entries()];
  if (entries.some(([key]) => typeof key !== 'string') && entries.length > 1) {
    throw new NotSupported('the filter pprint of keys that are no strings');
  }
  entries.sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1));
  return Dict.of(entries.map(([key, item]) => [key, sorted(item)]));
}
