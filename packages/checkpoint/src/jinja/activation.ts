import { NotSupported } from './errors.ts';
import type { FrameInfo, FunctionScope, Ref } from './symbols.ts';
import type { Name } from './syntax.ts';
import { Undefined, type Value } from './values.ts';

/** The names that blocks and whatever is not found in a frame look up: set at the top, given, global. */
export class Context {
  readonly set = new Map<string, Value>();
  readonly #given: ReadonlyMap<string, Value>;

  constructor(given: ReadonlyMap<string, Value>) {
    this.#given = given;
  }

  resolve(name: string): Value | undefined {
    const value = this.set.get(name);
    return value === undefined ? this.#given.get(name) : value;
  }

  /** Another one that also knows `seen`, and keeps what is set in it to itself. */
  derived(seen: Iterable<readonly [string, Value]>): Context {
    return new Context(new Map([...this.#given, ...this.set, ...seen]));
  }
}

/** One call of a function: its variables, and those around it. A variable without a value is missing. */
export class Activation {
  readonly scope: FunctionScope;
  readonly parent: Activation | undefined;
  readonly context: Context;
  readonly #values: (Value | undefined)[] = [];

  constructor(scope: FunctionScope, parent: Activation | undefined, context: Context) {
    this.scope = scope;
    this.parent = parent;
    this.context = context;
  }

  #owner(ref: Ref): Activation {
    let owner: Activation = this;
    while (owner.scope !== ref.scope) owner = owner.parent!;
    return owner;
  }

  get(ref: Ref): Value | undefined {
    return this.#owner(ref).#values[ref.slot];
  }

  set(ref: Ref, value: Value | undefined): void {
    this.#owner(ref).#values[ref.slot] = value;
  }

  /** A variable's value as an expression sees it. */
  load({ ref, name, isOuterParameter }: Name): Value {
    const value = this.get(ref!);
    if (value !== undefined) return value;
    // jinja2 forgets to ask here whether it is still there, and goes on with a marker of its own
    if (isOuterParameter === true) throw new NotSupported(`\`${name}\` of a loop that has ended`);
    return new Undefined(`'${name}' is undefined`);
  }

  enter(frame: FrameInfo): void {
    for (const { ref, load } of frame.loads) {
      if (load.kind === 'resolve') this.set(ref, this.context.resolve(load.name));
      else if (load.kind === 'alias') this.set(ref, this.get(load.from));
      else if (load.kind === 'missing') this.set(ref, undefined);
    }
  }

  /** Takes the frame's variables away again: macros made in it may live longer. */
  leave(frame: FrameInfo): void {
    for (const { ref } of frame.loads) this.set(ref, undefined);
  }
}
