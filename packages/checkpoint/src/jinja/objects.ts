import { bind } from './arguments.ts';
import { equal } from './compare.ts';
import { makeDict } from './container-methods.ts';
import { PythonError, typeError } from './errors.ts';
import { repr, str, stringRepr } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { iterate, lengthOf } from './sequences.ts';
import {
  Dict,
  isString,
  type Keywords,
  NativeFunction,
  PythonObject,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

/** `namespace(…)`: the one thing a template can change. */
export class Namespace extends PythonObject {
  readonly type = 'transformers.utils.chat_template_utils.TemplateNamespace';
  readonly #attributes = new Map<string, Value>();

  static make(runtime: Runtime, args: readonly Value[], keywords: Keywords): Namespace {
    const made = new Namespace();
    for (const [key, value] of makeDict(runtime, args, keywords).entries()) {
      made.set(isString(key) ? textOf(key) : str(runtime, key), value);
    }
    return made;
  }

  set(name: string, value: Value): void {
    if (name.startsWith('_')) {
      throw new PythonError(
        'SecurityError',
        `Chat templates cannot store underscore-prefixed attributes on a namespace, but got ${stringRepr(name)}. Please rename the attribute.`,
      );
    }
    this.#attributes.set(name, value);
  }

  attribute(name: string): Value | undefined {
    return this.#attributes.get(name);
  }

  override text(runtime: Runtime): string {
    return `<Namespace ${repr(runtime, Dict.of(this.#attributes))}>`;
  }
}

const MISSING = Symbol('missing');
type Maybe = Value | typeof MISSING;

/** Renders the items of a recursive loop, one level deeper. */
export type Recurse = (items: Value, depth: number) => Value;

/** `loop`, which also is what a `for` draws its items from. */
export class Loop extends PythonObject {
  readonly type = 'jinja2.runtime.LoopContext';
  readonly #source: Value;
  readonly #recurse: Recurse | undefined;
  readonly #depth: number;
  #iterator: Iterator<Value>;
  #index = -1;
  #length: number | undefined;
  #before: Maybe = MISSING;
  #current: Maybe = MISSING;
  #after: Maybe = MISSING;
  #changed: Tuple | undefined;

  constructor(source: Value, recurse?: Recurse, depth = 0) {
    super();
    this.#source = source;
    this.#iterator = iterate(source);
    this.#recurse = recurse;
    this.#depth = depth;
  }

  /** The next item, which it then stands at; `undefined` at the end. */
  advance(): { readonly value: Value } | undefined {
    const next = this.#peek();
    this.#after = MISSING;
    if (next === MISSING) return undefined;
    this.#index++;
    this.#before = this.#current;
    this.#current = next;
    return { value: next };
  }

  #peek(): Maybe {
    if (this.#after !== MISSING) return this.#after;
    const next = this.#iterator.next();
    this.#after = next.done === true ? MISSING : next.value;
    return this.#after;
  }

  override length(): number {
    if (this.#length !== undefined) return this.#length;
    this.#length = lengthOf(this.#source);
    if (this.#length === undefined) {
      const rest: Value[] = [];
      const iterator = this.#iterator;
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) rest.push(next.value);
      this.#iterator = rest[Symbol.iterator]();
      this.#length = rest.length + this.#index + 1 + (this.#after === MISSING ? 0 : 1);
    }
    return this.#length;
  }

  attribute(name: string): Value | undefined {
    switch (name) {
      case 'index':
        return BigInt(this.#index + 1);
      case 'index0':
        return BigInt(this.#index);
      case 'revindex':
        return BigInt(this.length() - this.#index);
      case 'revindex0':
        return BigInt(this.length() - this.#index - 1);
      case 'first':
        return this.#index === 0;
      case 'last':
        return this.#peek() === MISSING;
      case 'length':
        return BigInt(this.length());
      case 'depth':
        return BigInt(this.#depth + 1);
      case 'depth0':
        return BigInt(this.#depth);
      case 'previtem':
        return this.#before === MISSING ? new Undefined('there is no previous item') : this.#before;
      case 'nextitem': {
        const next = this.#peek();
        return next === MISSING ? new Undefined('there is no next item') : next;
      }
      case 'cycle':
        return new NativeFunction('cycle', (_, args) => this.#cycle(args), 'method');
      case 'changed':
        return new NativeFunction('changed', (runtime, args) => this.#hasChanged(runtime, args), 'method');
      default:
        return undefined;
    }
  }

  #cycle(args: readonly Value[]): Value {
    if (args.length === 0) throw typeError('no items for cycling given');
    return args[this.#index % args.length]!;
  }

  #hasChanged(runtime: Runtime, args: readonly Value[]): boolean {
    const now = new Tuple(args);
    if (this.#changed !== undefined && equal(runtime, this.#changed, now)) return false;
    this.#changed = now;
    return true;
  }

  override call(_: Runtime, args: readonly Value[], keywords: Keywords): Value {
    if (this.#recurse === undefined) {
      throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    }
    const [items] = bind(
      { name: 'LoopContext.__call__', parameters: ['iterable'], required: 1 },
      args,
      keywords,
    );
    return this.#recurse(items!, this.#depth + 1);
  }

  override iterate(): Iterator<Value> {
    return {
      next: () => {
        const item = this.advance();
        if (item === undefined) return { done: true, value: undefined };
        return { done: false, value: new Tuple([item.value, this]) };
      },
    };
  }

  override text(): string {
    return `<LoopContext ${this.#index + 1}/${this.length()}>`;
  }
}

/** `cycler(…)`. */
export class Cycler extends PythonObject {
  readonly type = 'jinja2.utils.Cycler';
  readonly #items: readonly Value[];
  #at = 0;

  constructor(items: readonly Value[]) {
    super();
    if (items.length === 0) throw new PythonError('RuntimeError', 'at least one item has to be provided');
    this.#items = items;
  }

  attribute(name: string): Value | undefined {
    switch (name) {
      case 'items':
        return new Tuple(this.#items);
      case 'pos':
        return BigInt(this.#at);
      case 'current':
        return this.#items[this.#at];
      case 'next':
        return new NativeFunction('next', () => this.#next(), 'method');
      case 'reset':
        return new NativeFunction('reset', () => this.#reset(), 'method');
      default:
        return undefined;
    }
  }

  #next(): Value {
    const item = this.#items[this.#at]!;
    this.#at = (this.#at + 1) % this.#items.length;
    return item;
  }

  #reset(): null {
    this.#at = 0;
    return null;
  }
}

/** `joiner(…)`: nothing the first time, then the separator. */
export class Joiner extends PythonObject {
  readonly type = 'jinja2.utils.Joiner';
  readonly #separator: Value;
  #isUsed = false;

  constructor(separator: Value) {
    super();
    this.#separator = separator;
  }

  attribute(name: string): Value | undefined {
    if (name === 'sep') return this.#separator;
    return name === 'used' ? this.#isUsed : undefined;
  }

  override call(): Value {
    if (this.#isUsed) return this.#separator;
    this.#isUsed = true;
    return '';
  }
}

/** Calls whatever can be called. */
export function callValue(runtime: Runtime, value: Value, args: readonly Value[], keywords: Keywords): Value {
  runtime.budget.step();
  if (value instanceof Undefined) return value.raise();
  if (value instanceof NativeFunction) return value.call(runtime, args, keywords);
  if (value instanceof PythonObject && value.call !== undefined) return value.call(runtime, args, keywords);
  throw typeError(`'${typeName(value)}' object is not callable`);
}

export const isCallable = (value: Value): boolean =>
  value instanceof NativeFunction ||
  value instanceof Undefined ||
  (value instanceof PythonObject && value.call !== undefined);
