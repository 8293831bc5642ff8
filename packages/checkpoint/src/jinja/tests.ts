import { bind } from './arguments.ts';
import { calculate } from './arithmetic.ts';
import { contains, equal, isNumeric, isTrue, type Order, ordered } from './compare.ts';
import { typeError } from './errors.ts';
import { isCallable } from './objects.ts';
import { str } from './repr.ts';
import type { Runtime, TestFunction } from './runtime.ts';
import { iterate } from './sequences.ts';
import { textAttribute } from './str-methods.ts';
import {
  Dict,
  hashOf,
  isList,
  isString,
  Markup,
  NativeFunction,
  PythonObject,
  Range,
  Tuple,
  textOf,
  Undefined,
  type Value,
} from './values.ts';

/** A test of the value alone. */
const plain =
  (name: string, holds: (value: Value, runtime: Runtime) => boolean): TestFunction =>
  (runtime, value, args, keywords) => {
    bind({ name: `test_${name}`, parameters: [], required: 0 }, args, keywords);
    return holds(value, runtime);
  };

/** A test of the value against another one. */
const against =
  (name: string, holds: (runtime: Runtime, value: Value, other: Value) => boolean): TestFunction =>
  (runtime, value, args, keywords) => {
    const [other] = bind({ name, parameters: ['other'], required: 1 }, args, keywords);
    return holds(runtime, value, other!);
  };

const inOrder = (operator: Order): TestFunction =>
  against(operator, (runtime, value, other) => ordered(runtime, value, operator, other));

const remainder = (runtime: Runtime, value: Value, by: Value): Value => {
  const rest = calculate(runtime, value, '%', by);
  if (typeof value === 'string') throw typeError(`not all arguments converted during string formatting`);
  return rest;
};

const modulo = (runtime: Runtime, value: Value, by: Value, wanted: bigint) =>
  equal(runtime, remainder(runtime, value, by), wanted);

const callsMethod = (method: string) => (value: Value, runtime: Runtime) =>
  isTrue((textAttribute(str(runtime, value), method) as NativeFunction).call(runtime, [], new Map()));

const equals = against('eq', equal);
const differs = against('ne', (runtime, value, other) => !equal(runtime, value, other));

function isIterable(value: Value): boolean {
  if (value instanceof PythonObject) return value.iterate !== undefined;
  if (value === null || isNumeric(value) || value instanceof NativeFunction) return false;
  iterate(value);
  return true;
}

/** `value in table`, which wants a value that can be a key. */
const isNameIn = (table: { has(name: string): boolean }, value: Value): boolean => {
  hashOf(value);
  return isString(value) && table.has(textOf(value));
};

/** Has a length and can be subscripted. */
const isSequence = (value: Value): boolean =>
  isList(value) ||
  isString(value) ||
  value instanceof Tuple ||
  value instanceof Dict ||
  value instanceof Range ||
  value instanceof Undefined;

/** Python keeps one object of each of these. */
function isSame(value: Value, other: Value): boolean {
  if (typeof value === 'bigint' && typeof other === 'bigint') {
    return value === other && value >= -5n && value <= 256n;
  }
  if (typeof value === 'number' || (typeof value === 'string' && value.length > 1)) return false;
  return value === other;
}

const entries: readonly (readonly [string, TestFunction])[] = [
  ['odd', plain('odd', (value, runtime) => modulo(runtime, value, 2n, 1n))],
  ['even', plain('even', (value, runtime) => modulo(runtime, value, 2n, 0n))],
  [
    'divisibleby',
    (runtime, value, args, keywords) => {
      const [by] = bind({ name: 'test_divisibleby', parameters: ['num'], required: 1 }, args, keywords);
      return modulo(runtime, value, by!, 0n);
    },
  ],
  ['defined', plain('defined', (value) => !(value instanceof Undefined))],
  ['undefined', plain('undefined', (value) => value instanceof Undefined)],
  ['filter', plain('filter', (value, runtime) => isNameIn(runtime.filters, value))],
  ['test', plain('test', (value, runtime) => isNameIn(runtime.tests, value))],
  ['none', plain('none', (value) => value === null)],
  ['boolean', plain('boolean', (value) => typeof value === 'boolean')],
  ['false', plain('false', (value) => value === false)],
  ['true', plain('true', (value) => value === true)],
  ['integer', plain('integer', (value) => typeof value === 'bigint')],
  ['float', plain('float', (value) => typeof value === 'number')],
  ['lower', plain('lower', callsMethod('islower'))],
  ['upper', plain('upper', callsMethod('isupper'))],
  ['string', plain('string', isString)],
  ['mapping', plain('mapping', (value) => value instanceof Dict)],
  ['number', plain('number', isNumeric)],
  ['sequence', plain('sequence', isSequence)],
  ['iterable', plain('iterable', isIterable)],
  ['callable', plain('callable', isCallable)],
  ['sameas', against('test_sameas', (_, value, other) => isSame(value, other))],
  ['escaped', plain('escaped', (value) => value instanceof Markup)],
  ['in', against('test_in', (runtime, value, other) => contains(runtime, other, value))],
  ...['==', 'eq', 'equalto'].map((name) => [name, equals] as const),
  ...['!=', 'ne'].map((name) => [name, differs] as const),
  ...['>', 'gt', 'greaterthan'].map((name) => [name, inOrder('>')] as const),
  ...['>=', 'ge'].map((name) => [name, inOrder('>=')] as const),
  ...['<', 'lt', 'lessthan'].map((name) => [name, inOrder('<')] as const),
  ...['<=', 'le'].map((name) => [name, inOrder('<=')] as const),
];

/** Every test of jinja2, by name. */
export const tests: ReadonlyMap<string, TestFunction> = new Map(entries);
