import { typeError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import { asIndex } from './sequences.ts';
import { isString, type Keywords, textOf, typeName, Undefined, type Value } from './values.ts';

export interface Signature {
  readonly name: string;
  /** Parameters in order; those after `required` may be left out. */
  readonly parameters: readonly string[];
  readonly required: number;
  /** How many may be given without their name; all unless said otherwise. */
  readonly positional?: number;
}

/** The values of a call by parameter, `undefined` where one was left out. */
export function bind(
  { name, parameters, required, positional = parameters.length }: Signature,
  args: readonly Value[],
  keywords: Keywords,
): (Value | undefined)[] {
  if (args.length > positional) {
    throw typeError(`${name}() takes at most ${positional} positional arguments (${args.length} given)`);
  }
  const bound: (Value | undefined)[] = parameters.map((_, i) => args[i]);
  for (const [key, value] of keywords) {
    const at = parameters.indexOf(key);
    if (at < 0) throw typeError(`${name}() got an unexpected keyword argument '${key}'`);
    if (bound[at] !== undefined) throw typeError(`${name}() got multiple values for argument '${key}'`);
    bound[at] = value;
  }
  const missing = parameters.slice(0, required).find((_, i) => bound[i] === undefined);
  if (missing !== undefined)
    throw typeError(`${name}() missing 1 required positional argument: '${missing}'`);
  return bound;
}

/** Refuses keywords; for Python's own functions, whose parameters mostly have no names. */
export function positionalOnly(
  name: string,
  args: readonly Value[],
  keywords: Keywords,
  [least, most]: readonly [number, number],
): void {
  if (keywords.size > 0) throw typeError(`${name}() takes no keyword arguments`);
  if (args.length < least || args.length > most) {
    const wanted = least === most ? `exactly ${least}` : `from ${least} to ${most}`;
    throw typeError(
      `${name}() takes ${wanted} argument${least === 1 && most === 1 ? '' : 's'} (${args.length} given)`,
    );
  }
}

/** A str that a function of Python's own insists on. */
export function requireText(value: Value, where: string): string {
  if (isString(value)) return textOf(value);
  throw typeError(`${where} must be str, not ${typeName(value)}`);
}

/** An int that a function of Python's own insists on. */
export function requireInteger(value: Value): number {
  if (value instanceof Undefined) return value.raise();
  const index = asIndex(value);
  if (index === undefined) {
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  }
  return Number(index);
}

/** Makes a text after asking whether it may be so long. */
export function sized(runtime: Runtime, length: number, make: () => string): string {
  runtime.budget.text(length);
  return make();
}
