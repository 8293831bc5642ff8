import { isNumeric } from './compare.ts';
import { containerAttribute, isMutator, numberAttribute } from './container-methods.ts';
import { NotSupported } from './errors.ts';
import { repr, stringRepr } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { asIndex, itemAt } from './sequences.ts';
import { textAttribute } from './str-methods.ts';
import {
  Dict,
  isList,
  isString,
  Lazy,
  NativeFunction,
  objectTypeName,
  PythonObject,
  Range,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

/** `value.name` in a template: the attribute first, then the item. */
export function getAttribute(runtime: Runtime, value: Value, name: string): Value {
  runtime.budget.step();
  const attribute = attributeOf(value, name);
  if (attribute !== undefined) return attribute;
  const item = itemOf(value, name);
  return item === undefined ? missing(runtime, value, name) : item;
}

/** `value[key]` in a template: the item first, then the attribute. */
export function getItem(runtime: Runtime, value: Value, key: Value): Value {
  runtime.budget.step();
  if (value instanceof Undefined) return value.raise();
  const item = itemOf(value, key);
  if (item !== undefined) return item;
  const attribute = isString(key) ? attributeOf(value, textOf(key)) : undefined;
  return attribute === undefined ? missing(runtime, value, key) : attribute;
}

/** `value|attr(name)`: the attribute alone. */
export function onlyAttribute(runtime: Runtime, value: Value, name: string): Value {
  const attribute = attributeOf(value, name);
  return attribute === undefined ? missing(runtime, value, name) : attribute;
}

function missing(runtime: Runtime, value: Value, key: Value): Undefined {
  const type = objectTypeName(value);
  return new Undefined(
    isString(key)
      ? `${stringRepr(type)} has no attribute ${stringRepr(textOf(key))}`
      : `${type} has no element ${repr(runtime, key)}`,
  );
}

function itemOf(value: Value, key: Value): Value | undefined {
  if (value instanceof Dict) {
    // what cannot be a key is not in there
    if (isList(key) || key instanceof Dict) return undefined;
    return value.get(key);
  }
  const index = asIndex(key);
  const isSequence = isList(value) || isString(value) || value instanceof Tuple || value instanceof Range;
  return index === undefined || !isSequence ? undefined : itemAt(value, index);
}

function attributeOf(value: Value, name: string): Value | undefined {
  if (value instanceof Undefined) {
    // names that Python looks for by itself are simply not there
    return name.startsWith('__') && name.endsWith('__') ? undefined : value.raise();
  }
  if (/^__\w+__$/.test(name) || isMutator(value, name)) return unsafe(value, name);
  if (value instanceof PythonObject) return value.attribute(name);
  if (isString(value)) return textAttribute(value, name);
  if (isNumeric(value)) return numberAttribute(value, name);
  if (value instanceof Lazy && value.type === 'generator' && /^(gi_\w+|send|throw|close)$/.test(name)) {
    throw new NotSupported(`the attribute generator.${name}`);
  }
  if (value === null || value instanceof NativeFunction || value instanceof Lazy) return undefined;
  return containerAttribute(value, name);
}

const unsafe = (value: Value, name: string) =>
  new Undefined(
    `access to attribute ${stringRepr(name)} of ${stringRepr(typeName(value))} object is unsafe.`,
    'SecurityError',
  );
