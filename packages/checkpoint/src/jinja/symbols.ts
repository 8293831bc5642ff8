import { PythonError } from './errors.ts';

/** The variables of one function: a template, a macro, a recursive loop, a loop's test, a block. */
export class FunctionScope {
  readonly parent: FunctionScope | undefined;
  readonly #slots = new Map<string, number>();

  constructor(parent: FunctionScope | undefined) {
    this.parent = parent;
  }

  slot(identifier: string): number {
    const known = this.#slots.get(identifier);
    if (known !== undefined) return known;
    this.#slots.set(identifier, this.#slots.size);
    return this.#slots.size - 1;
  }
}

/** Where a variable lies: in which function, and where there. */
export interface Ref {
  readonly scope: FunctionScope;
  readonly slot: number;
}

/** What is put into a frame's variables when it is entered. */
export type Load =
  | { readonly kind: 'parameter' }
  | { readonly kind: 'resolve'; readonly name: string }
  | { readonly kind: 'alias'; readonly from: Ref }
  | { readonly kind: 'missing' };

export interface FrameInfo {
  readonly scope: FunctionScope;
  readonly loads: readonly { readonly ref: Ref; readonly load: Load }[];
}

export type ResolvedTarget =
  | { readonly kind: 'name'; readonly ref: Ref }
  | { readonly kind: 'tuple'; readonly items: readonly ResolvedTarget[] }
  | { readonly kind: 'attribute'; readonly ref: Ref; readonly attribute: string };

/**
 * Which variable a name means in a frame, found before anything runs, as jinja2's compiler does it: a
 * name that is set anywhere in a frame is that frame's from its start.
 */
export class Symbols {
  readonly scope: FunctionScope;
  readonly parent: Symbols | undefined;
  readonly level: number;
  readonly stores: Set<string>;
  readonly #refs: Map<string, Ref>;
  readonly #loads: Map<string, { ref: Ref; load: Load }>;

  constructor(scope: FunctionScope, parent?: Symbols, copied?: Symbols) {
    this.scope = scope;
    this.parent = parent;
    this.level = parent === undefined ? 0 : parent.level + 1;
    this.stores = new Set(copied?.stores);
    this.#refs = new Map(copied === undefined ? [] : copied.#refs);
    this.#loads = new Map(copied === undefined ? [] : copied.#loads);
  }

  copy(): Symbols {
    return new Symbols(this.scope, this.parent, this);
  }

  /** The variables to fill when the frame is entered. */
  info(): FrameInfo {
    return { scope: this.scope, loads: [...this.#loads.values()] };
  }

  find(name: string): Ref | undefined {
    return this.#refs.get(name) ?? this.parent?.find(name);
  }

  /** A name's variable; jinja2 fails likewise where its own analysis has missed one. */
  ref(name: string): Ref {
    const found = this.find(name);
    if (found !== undefined) return found;
    throw new PythonError(
      'AssertionError',
      `Tried to resolve a name to a reference that was unknown to the frame ('${name}')`,
    );
  }

  /** Whether a name is a parameter: of a macro, a loop, a `with`. */
  isParameter(name: string): boolean {
    const own = this.#loads.get(name);
    if (own !== undefined) return own.load.kind === 'parameter';
    return this.parent?.isParameter(name) ?? false;
  }

  #define(name: string, load: Load): Ref {
    const ref = { scope: this.scope, slot: this.scope.slot(`${this.level}_${name}`) };
    this.#refs.set(name, ref);
    this.#loads.set(name, { ref, load });
    return ref;
  }

  load(name: string): void {
    if (this.find(name) === undefined) this.#define(name, { kind: 'resolve', name });
  }

  store(name: string): void {
    this.stores.add(name);
    if (this.#refs.has(name)) return;
    const outer = this.parent?.find(name);
    this.#define(name, outer === undefined ? { kind: 'missing' } : { kind: 'alias', from: outer });
  }

  declareParameter(name: string): Ref {
    this.stores.add(name);
    return this.#define(name, { kind: 'parameter' });
  }

  /** Takes in what the branches of an `if` do; what only some of them may set begins as it was outside. */
  mergeBranches(branches: readonly Symbols[]): void {
    const stored = new Set(branches.flatMap((branch) => [...branch.stores]));
    for (const name of this.stores) stored.delete(name);
    for (const branch of branches) {
      for (const [name, ref] of branch.#refs) this.#refs.set(name, ref);
      for (const [name, load] of branch.#loads) this.#loads.set(name, load);
      for (const name of branch.stores) this.stores.add(name);
    }
    for (const name of stored) {
      const ref = this.ref(name);
      const outer = this.parent?.find(name);
      const load: Load = outer === undefined ? { kind: 'resolve', name } : { kind: 'alias', from: outer };
      this.#loads.set(name, { ref, load });
    }
  }

  /** Every name that has been set here or outside, for a scoped block. */
  allStores(): (readonly [string, Ref])[] {
    const names = new Set<string>();
    for (let symbols: Symbols | undefined = this; symbols !== undefined; symbols = symbols.parent) {
      for (const name of symbols.stores) names.add(name);
    }
    return [...names].map((name) => [name, this.ref(name)] as const);
  }
}
