import { bind } from '../arguments.ts';
import { calculate } from '../arithmetic.ts';
import { onlyAttribute } from '../attributes.ts';
import { equal, isTrue, ordered, sortedBy } from '../compare.ts';
import { NotSupported, PythonError, typeError } from '../errors.ts';
import { likewise } from '../markup.ts';
import type { FilterFunction, Runtime } from '../runtime.ts';
import { asIndex, characters, iterate, requireLength, reversedIterator, toList } from '../sequences.ts';
import { Dict, hashOf, isString, Lazy, Tuple, textOf, typeName, Undefined, type Value } from '../values.ts';
import { attributeGetter, attributesGetter, ignoreCase } from './attribute-getter.ts';

const argumentError = (message: string) => new PythonError('FilterArgumentError', message);

const length: FilterFunction = (_, value) => BigInt(requireLength(value));

function firstOf(value: Value, otherwise: string): Value {
  const next = iterate(value).next();
  return next.done === true ? new Undefined(otherwise) : next.value;
}

/** The least or the greatest; the first of equals. */
const extreme =
  (operator: '<' | '>'): FilterFunction =>
  (runtime, value, args, keywords) => {
    const parameters = ['case_sensitive', 'attribute'];
    const [sensitive = false, attribute = null] = bind(
      { name: 'do_min', parameters, required: 0 },
      args,
      keywords,
    );
    const get = attributeGetter(runtime, attribute);
    const keyOf = (item: Value) => (isTrue(sensitive) ? get(item) : ignoreCase(get(item)));
    const items = toList(runtime, value);
    if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.');
    let best: Value = items[0]!;
    let bestKey: Value = keyOf(best);
    for (const item of items.slice(1)) {
      const key = keyOf(item);
      if (ordered(runtime, key, operator, bestKey)) [best, bestKey] = [item, key];
    }
    return best;
  };

const lazily = (iterator: Iterator<Value>) => new Lazy(iterator);

function requireCount(value: Value): number {
  const index = asIndex(value);
  if (index === undefined) throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  return Number(index);
}

function* batches(runtime: Runtime, value: Value, count: Value, fill: Value): Generator<Value> {
  const size = asIndex(count);
  let batch: Value[] = [];
  const iterator = iterate(value);
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    runtime.budget.step();
    if (size !== undefined && BigInt(batch.length) === size) {
      yield batch;
      batch = [];
    }
    batch.push(next.value);
  }
  if (batch.length === 0) return;
  const missing = fill === null ? 0 : requireCount(count) - batch.length;
  if (missing > 0) runtime.budget.items(missing);
  yield missing > 0 ? [...batch, ...new Array<Value>(missing).fill(fill)] : batch;
}

function* slices(runtime: Runtime, value: Value, count: Value, fill: Value): Generator<Value> {
  const items = toList(runtime, value);
  const slicesWanted = requireCount(count);
  if (slicesWanted === 0) {
    throw new PythonError('ZeroDivisionError', 'integer division or modulo by zero');
  }
  const size = Math.floor(items.length / slicesWanted);
  const longer = ((items.length % slicesWanted) + slicesWanted) % slicesWanted;
  let offset = 0;
  for (let i = 0; i < slicesWanted; i++) {
    runtime.budget.step();
    const start = offset + i * size;
    if (i < longer) offset++;
    const part = items.slice(start, offset + (i + 1) * size);
    yield fill !== null && i >= longer ? [...part, fill] : part;
  }
}

function* uniques(runtime: Runtime, value: Value, sensitive: boolean, attribute: Value): Generator<Value> {
  const get = attributeGetter(runtime, attribute);
  const seen = new Set<unknown>();
  const iterator = iterate(value);
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    runtime.budget.step();
    const key = hashOf(sensitive ? get(next.value) : ignoreCase(get(next.value)));
    if (seen.has(key)) continue;
    seen.add(key);
    yield next.value;
  }
}

function* pairs(value: Value): Generator<Value> {
  if (value instanceof Undefined) return;
  if (!(value instanceof Dict)) throw typeError('Can only get item pairs from a mapping.');
  for (const entry of value.entries()) yield new Tuple(entry);
}

export const sequenceFilters: Readonly<Record<string, FilterFunction>> = {
  length,
  count: length,
  list: (runtime, value) => toList(runtime, value),
  first: (_, value) => firstOf(value, 'No first item, sequence was empty.'),
  last(runtime, value) {
    const reversed = reversedIterator(runtime, value);
    if (reversed === undefined) throw typeError(`'${typeName(value)}' object is not reversible`);
    return firstOf(reversed, 'No last item, sequence was empty.');
  },
  reverse(runtime, value) {
    if (isString(value)) return likewise(value, [...characters(textOf(value))].reverse().join(''));
    const reversed = reversedIterator(runtime, value);
    if (reversed !== undefined) return reversed;
    try {
      return [...toList(runtime, value)].reverse();
    } catch (error) {
      if (error instanceof PythonError && error.kind === 'TypeError')
        throw argumentError('argument must be iterable');
      throw error;
    }
  },
  items: (_, value) => lazily(pairs(value)),
  attr(runtime, value, args, keywords) {
    const [name] = bind({ name: 'do_attr', parameters: ['name'], required: 1 }, args, keywords);
    if (!isString(name!)) throw typeError('attribute name must be string');
    return onlyAttribute(runtime, value, textOf(name));
  },
  dictsort(runtime, value, args, keywords) {
    const parameters = ['case_sensitive', 'by', 'reverse'];
    const bound = bind({ name: 'do_dictsort', parameters, required: 0 }, args, keywords);
    const [sensitive = false, by = 'key', reverse = false] = bound;
    if (by !== 'key' && by !== 'value') throw argumentError('You can only sort by either "key" or "value"');
    if (value instanceof Undefined) return value.raise();
    if (!(value instanceof Dict)) {
      throw new PythonError('AttributeError', `'${typeName(value)}' object has no attribute 'items'`);
    }
    const entries = [...value.entries()].map((entry) => new Tuple(entry));
    const keyOf = (item: Value) => {
      const key = (item as Tuple).items[by === 'key' ? 0 : 1]!;
      return isTrue(sensitive) ? key : ignoreCase(key);
    };
    return sortedBy(runtime, entries, keyOf, isTrue(reverse));
  },
  sort(runtime, value, args, keywords) {
    const parameters = ['reverse', 'case_sensitive', 'attribute'];
    const bound = bind({ name: 'do_sort', parameters, required: 0 }, args, keywords);
    const [reverse = false, sensitive = false, attribute = null] = bound;
    const get = attributesGetter(runtime, attribute);
    const keyOf = (item: Value) => (isTrue(sensitive) ? get(item) : get(item).map(ignoreCase));
    return sortedBy(runtime, toList(runtime, value), keyOf, isTrue(reverse));
  },
  unique(runtime, value, args, keywords) {
    const parameters = ['case_sensitive', 'attribute'];
    const [sensitive = false, attribute = null] = bind(
      { name: 'do_unique', parameters, required: 0 },
      args,
      keywords,
    );
    return lazily(uniques(runtime, value, isTrue(sensitive), attribute));
  },
  min: extreme('<'),
  max: extreme('>'),
  sum(runtime, value, args, keywords) {
    const parameters = ['attribute', 'start'];
    const [attribute = null, start = 0n] = bind({ name: 'do_sum', parameters, required: 0 }, args, keywords);
    if (isString(start)) throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
    const get = attributeGetter(runtime, attribute);
    return toList(runtime, value).reduce((sum, item) => calculate(runtime, sum, '+', get(item)), start);
  },
  batch(runtime, value, args, keywords) {
    const parameters = ['linecount', 'fill_with'];
    const [count, fill = null] = bind({ name: 'do_batch', parameters, required: 1 }, args, keywords);
    return lazily(batches(runtime, value, count!, fill));
  },
  slice(runtime, value, args, keywords) {
    const parameters = ['slices', 'fill_with'];
    const [count, fill = null] = bind({ name: 'do_slice', parameters, required: 1 }, args, keywords);
    return lazily(slices(runtime, value, count!, fill));
  },
  groupby(runtime, value, args, keywords) {
    const parameters = ['attribute', 'default', 'case_sensitive'];
    const bound = bind({ name: 'do_groupby', parameters, required: 1 }, args, keywords);
    const [attribute, otherwise = null, sensitive = false] = bound;
    const get = attributeGetter(runtime, attribute!, otherwise);
    const keyOf = (item: Value) => (isTrue(sensitive) ? get(item) : ignoreCase(get(item)));
    const groups: { key: Value; items: Value[] }[] = [];
    for (const item of sortedBy(runtime, toList(runtime, value), keyOf, false)) {
      const key = keyOf(item);
      const last = groups.at(-1);
      if (last !== undefined && equal(runtime, last.key, key)) last.items.push(item);
      else groups.push({ key, items: [item] });
    }
    return groups.map(({ items }) => new Tuple([get(items[0]!), items], ['grouper', 'list']));
  },
  default(_, value, args, keywords) {
    const parameters = ['default_value', 'boolean'];
    const [otherwise = '', boolean = false] = bind(
      { name: 'do_default', parameters, required: 0 },
      args,
      keywords,
    );
    return value instanceof Undefined || (isTrue(boolean) && !isTrue(value)) ? otherwise : value;
  },
  random() {
    throw new NotSupported('the filter random');
  },
};
