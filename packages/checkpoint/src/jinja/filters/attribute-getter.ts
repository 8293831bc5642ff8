import { getItem } from '../attributes.ts';
import type { Runtime } from '../runtime.ts';
import { isString, textOf, Undefined, type Value } from '../values.ts';

export type Getter = (item: Value) => Value;

function partsOf(attribute: Value): readonly Value[] {
  if (attribute === null) return [];
  if (!isString(attribute)) return [attribute];
  return textOf(attribute)
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? BigInt(part) : part));
}

/** Looks an attribute up, dots and all; `otherwise` stands for what is not there. */
export function attributeGetter(runtime: Runtime, attribute: Value, otherwise: Value = null): Getter {
  const parts = partsOf(attribute);
  return (item) => {
    let value = item;
    for (const part of parts) {
      value = getItem(runtime, value, part);
      if (otherwise !== null && value instanceof Undefined) value = otherwise;
    }
    return value;
  };
}

/** Several attributes with commas between them, as a list. */
export function attributesGetter(runtime: Runtime, attribute: Value): (item: Value) => Value[] {
  const split = isString(attribute) ? textOf(attribute).split(',') : [attribute];
  const getters = split.map((each) => attributeGetter(runtime, each));
  return (item) => getters.map((get) => get(item));
}

/** Texts in small letters, other values as they are. */
export const ignoreCase = (value: Value): Value => (isString(value) ? textOf(value).toLowerCase() : value);
