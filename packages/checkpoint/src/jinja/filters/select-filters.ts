import { isTrue } from '../compare.ts';
import { PythonError, runtimeError } from '../errors.ts';
import { repr } from '../repr.ts';
import type { FilterFunction, Runtime } from '../runtime.ts';
import { iterate } from '../sequences.ts';
import { isString, type Keywords, Lazy, textOf, Undefined, type Value } from '../values.ts';
import { attributeGetter } from './attribute-getter.ts';

const argumentError = (message: string) => new PythonError('FilterArgumentError', message);

/** A filter or test by the name that a template computed. */
function byName<F>(runtime: Runtime, table: ReadonlyMap<string, F>, kind: string, name: Value): F {
  const found = isString(name) ? table.get(textOf(name)) : undefined;
  if (found !== undefined) return found;
  const message = `No ${kind} named ${repr(runtime, name)}.`;
  throw runtimeError(
    name instanceof Undefined
      ? `${message} (${name.message}; did you forget to quote the callable name?)`
      : message,
  );
}

function* mapped(
  runtime: Runtime,
  value: Value,
  args: readonly Value[],
  keywords: Keywords,
): Generator<Value> {
  if (!isTrue(value)) return;
  const apply = mapping(runtime, args, keywords);
  const iterator = iterate(value);
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    runtime.budget.step();
    yield apply(next.value);
  }
}

function mapping(runtime: Runtime, args: readonly Value[], keywords: Keywords): (item: Value) => Value {
  const attribute = keywords.get('attribute');
  if (args.length === 0 && attribute !== undefined) {
    const other = [...keywords.keys()].find((key) => key !== 'attribute' && key !== 'default');
    if (other !== undefined) throw argumentError(`Unexpected keyword argument '${other}'`);
    return attributeGetter(runtime, attribute, keywords.get('default') ?? null);
  }
  const [name, ...rest] = args;
  if (name === undefined) throw argumentError('map requires a filter argument');
  return (item) => byName(runtime, runtime.filters, 'filter', name)(runtime, item, rest, keywords);
}

interface Selection {
  /** Whether it keeps what passes, or what does not. */
  readonly keeps: boolean;
  /** Whether the first argument is an attribute to test. */
  readonly ofAttribute: boolean;
}

function* selected(
  runtime: Runtime,
  value: Value,
  args: readonly Value[],
  keywords: Keywords,
  { keeps, ofAttribute }: Selection,
): Generator<Value> {
  if (!isTrue(value)) return;
  if (ofAttribute && args.length === 0) throw argumentError('Missing parameter for attribute name');
  const get = ofAttribute ? attributeGetter(runtime, args[0]!) : (item: Value) => item;
  const [name, ...rest] = ofAttribute ? args.slice(1) : args;
  const passes = (item: Value) =>
    name === undefined
      ? isTrue(item)
      : byName(runtime, runtime.tests, 'test', name)(runtime, item, rest, keywords);
  const iterator = iterate(value);
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    runtime.budget.step();
    if (passes(get(next.value)) === keeps) yield next.value;
  }
}

const selecting =
  (selection: Selection): FilterFunction =>
  (runtime, value, args, keywords) =>
    new Lazy(selected(runtime, value, args, keywords, selection));

export const selectFilters: Readonly<Record<string, FilterFunction>> = {
  map: (runtime, value, args, keywords) => new Lazy(mapped(runtime, value, args, keywords)),
  select: selecting({ keeps: true, ofAttribute: false }),
  reject: selecting({ keeps: false, ofAttribute: false }),
  selectattr: selecting({ keeps: true, ofAttribute: true }),
  rejectattr: selecting({ keeps: false, ofAttribute: true }),
};
