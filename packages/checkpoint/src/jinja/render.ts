import { Activation, type Context } from './activation.ts';
import { isTrue } from './compare.ts';
import { runtimeError, typeError, valueError } from './errors.ts';
import { evaluate, evaluateArguments, filtered } from './evaluate.ts';
import { Macro, type MacroCall } from './macro.ts';
import { callValue, Loop, Namespace } from './objects.ts';
import { str } from './repr.ts';
import type { ResolvedTemplate } from './resolve-names.ts';
import type { Runtime } from './runtime.ts';
import { iterate, toList } from './sequences.ts';
import type { ResolvedTarget } from './symbols.ts';
import type { Assignment, Block, BlockAssignment, CallBlock, For, MacroBody, Statement } from './syntax.ts';
import {
  Dict,
  DictView,
  isList,
  isString,
  Lazy,
  PythonObject,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

/** How a body ended: at its end, or on the way out of a loop. */
type Ending = 'end' | 'break' | 'continue';

/** What is written, piece by piece. */
class Output {
  readonly #pieces: string[] = [];
  readonly #runtime: Runtime;
  #length = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  write(text: string): void {
    this.#length += text.length;
    this.#runtime.budget.output(this.#length);
    this.#pieces.push(text);
  }

  text(): string {
    return this.#pieces.join('');
  }
}

export function render(template: ResolvedTemplate, runtime: Runtime, context: Context): string {
  const output = new Output(runtime);
  const at = new Activation(template.frame.scope, undefined, context);
  at.enter(template.frame);
  new Renderer(runtime, template.blocks).body(template.body, at, output);
  return output.text();
}

class Renderer {
  readonly #runtime: Runtime;
  readonly #blocks: ReadonlyMap<string, Block>;

  constructor(runtime: Runtime, blocks: ReadonlyMap<string, Block>) {
    this.#runtime = runtime;
    this.#blocks = blocks;
  }

  body(statements: readonly Statement[], at: Activation, output: Output): Ending {
    for (const statement of statements) {
      const ending = this.#statement(statement, at, output);
      if (ending !== 'end') return ending;
    }
    return 'end';
  }

  #statement(statement: Statement, at: Activation, output: Output): Ending {
    const runtime = this.#runtime;
    runtime.budget.step();
    switch (statement.kind) {
      case 'output':
        for (const item of statement.items) {
          output.write(typeof item === 'string' ? item : str(runtime, evaluate(runtime, item, at)));
        }
        return 'end';
      case 'for':
        return this.#for(statement, at, output);
      case 'if': {
        const branch = [statement, ...statement.branches].find(({ test }) =>
          isTrue(evaluate(runtime, test, at)),
        );
        return this.body(branch?.body ?? statement.otherwise, at, output);
      }
      case 'macro': {
        const macro = this.#macro(statement.macro, at);
        at.set(statement.ref!, macro);
        if (statement.isExported) at.context.set.set(statement.macro.name, macro);
        return 'end';
      }
      case 'generation':
        output.write(str(runtime, callValue(runtime, this.#macro(statement.macro, at), [], new Map())));
        return 'end';
      case 'call-block':
        this.#callBlock(statement, at, output);
        return 'end';
      case 'filter-block': {
        at.enter(statement.frame!);
        const inside = new Output(runtime);
        const ending = this.body(statement.body, at, inside);
        if (ending !== 'end') return ending;
        output.write(str(runtime, filteredBlock(runtime, statement.filter, inside.text(), at)));
        at.leave(statement.frame!);
        return 'end';
      }
      case 'with': {
        at.enter(statement.frame!);
        for (const [i, target] of statement.resolved!.entries()) {
          this.#assign(target, evaluate(runtime, statement.values[i]!, at), at);
        }
        const ending = this.body(statement.body, at, output);
        if (ending === 'end') at.leave(statement.frame!);
        return ending;
      }
      case 'set':
        this.#checkNamespaces(statement.resolved!, at);
        this.#assign(statement.resolved!, evaluate(runtime, statement.value, at), at);
        this.#export(statement, at);
        return 'end';
      case 'set-block':
        return this.#setBlock(statement, at);
      case 'block':
        this.#block(statement, at, output);
        return 'end';
      case 'other-template':
        evaluate(runtime, statement.name, at);
        throw typeError('no loader for this environment specified');
      case 'break':
      case 'continue':
        return statement.kind;
    }
  }

  #for(statement: For, at: Activation, output: Output): Ending {
    const runtime = this.#runtime;
    const items = evaluate(runtime, statement.items, at);
    if (!statement.isRecursive) {
      this.#loop(statement, at, at, items, output);
      return 'end';
    }
    const recurse = (inner: Value, depth: number): string =>
      runtime.budget.deeper(() => {
        const inside = new Output(runtime);
        const own = new Activation(statement.frames!.body.scope, at, at.context);
        this.#loop(statement, own, at, inner, inside, { recurse, depth });
        return inside.text();
      });
    output.write(recurse(items, 0));
    return 'end';
  }

  #loop(
    statement: For,
    at: Activation,
    outside: Activation,
    items: Value,
    output: Output,
    recursion?: { readonly recurse: (items: Value, depth: number) => string; readonly depth: number },
  ): void {
    const { body, otherwise, target, loop: loopRef } = statement.frames!;
    const source = statement.test === undefined ? items : new Lazy(this.#passing(statement, items, outside));
    const loop = loopRef === undefined ? undefined : new Loop(source, recursion?.recurse, recursion?.depth);
    const iterator = loop === undefined ? iterate(source) : undefined;
    let wentThrough = false;
    for (;;) {
      const next = loop === undefined ? fromIterator(iterator!) : loop.advance();
      if (next === undefined) break;
      this.#runtime.budget.step();
      this.#assign(target, next.value, at);
      if (loop !== undefined) at.set(loopRef!, loop);
      at.enter(body);
      const ending = this.body(statement.body, at, output);
      if (ending === 'break') break;
      // jinja2 notes only at the end of a body that there was one
      if (ending === 'end') wentThrough = true;
    }
    at.leave(body);
    if (otherwise === undefined || wentThrough) return;
    at.enter(otherwise);
    this.body(statement.otherwise, at, output);
    at.leave(otherwise);
  }

  /** The items that a loop's `if` lets through, as they are asked for. */
  *#passing(statement: For, items: Value, outside: Activation): Generator<Value> {
    const { test, testTarget } = statement.frames!;
    const at = new Activation(test!.scope, outside, outside.context);
    at.enter(test!);
    const iterator = iterate(items);
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      this.#runtime.budget.step();
      this.#assign(testTarget!, next.value, at);
      if (isTrue(evaluate(this.#runtime, statement.test!, at))) yield next.value;
    }
  }

  #macro(macro: MacroBody, at: Activation): Macro {
    return new Macro(macro, at, (body, definedIn, call) => this.#runMacro(body, definedIn, call));
  }

  #runMacro({ frame, slots, parameters, body }: MacroBody, definedIn: Activation, call: MacroCall): string {
    const at = new Activation(frame!.scope, definedIn, definedIn.context);
    const output = new Output(this.#runtime);
    for (const [i, ref] of slots!.parameters.entries()) at.set(ref, call.parameters[i]);
    if (slots!.caller !== undefined) at.set(slots!.caller, call.caller);
    if (slots!.kwargs !== undefined) at.set(slots!.kwargs, call.kwargs);
    if (slots!.varargs !== undefined) at.set(slots!.varargs, call.varargs);
    at.enter(frame!);
    for (const [i, { name, otherwise }] of parameters.entries()) {
      const ref = slots!.parameters[i]!;
      if (at.get(ref) !== undefined) continue;
      const value =
        otherwise === undefined
          ? new Undefined(`parameter '${name}' was not provided`)
          : evaluate(this.#runtime, otherwise, at);
      at.set(ref, value);
    }
    this.body(body, at, output);
    return output.text();
  }

  #callBlock({ call, macro }: CallBlock, at: Activation, output: Output): void {
    const runtime = this.#runtime;
    const caller = this.#macro(macro, at);
    const callee = evaluate(runtime, call.callee, at);
    const { args, keywords } = evaluateArguments(runtime, call.args, at);
    const given = new Map([...keywords, ['caller', caller] as const]);
    output.write(str(runtime, callValue(runtime, callee, args, given)));
  }

  #setBlock(statement: BlockAssignment, at: Activation): Ending {
    const runtime = this.#runtime;
    at.enter(statement.frame!);
    const inside = new Output(runtime);
    const ending = this.body(statement.body, at, inside);
    if (ending !== 'end') return ending;
    const text = inside.text();
    const value = statement.filter === undefined ? text : filteredBlock(runtime, statement.filter, text, at);
    this.#assign(statement.resolved!, value, at);
    this.#export(statement, at);
    at.leave(statement.frame!);
    return 'end';
  }

  #block(statement: Block, at: Activation, output: Output): void {
    const { frame, superRef, name, body, isRequired } = this.#blocks.get(statement.name)!;
    if (isRequired) throw runtimeError(`Required block '${name}' not found`);
    const seen = (statement.seen ?? []).flatMap(([key, ref]) => {
      const value = at.get(ref);
      return value === undefined ? [] : [[key, value] as const];
    });
    const context = statement.isScoped ? at.context.derived(seen) : at.context;
    const inside = new Activation(frame!.scope, undefined, context);
    if (superRef !== undefined) {
      inside.set(superRef, new Undefined(`there is no parent block called '${name}'.`));
    }
    inside.enter(frame!);
    this.#runtime.budget.deeper(() => this.body(body, inside, output));
  }

  #export({ exports }: Assignment | BlockAssignment, at: Activation): void {
    for (const { name, ref } of exports ?? []) {
      const value = at.get(ref);
      if (value !== undefined) at.context.set.set(name, value);
    }
  }

  #checkNamespaces(target: ResolvedTarget, at: Activation): void {
    if (target.kind === 'tuple') for (const item of target.items) this.#checkNamespaces(item, at);
    if (target.kind === 'attribute' && !(at.get(target.ref) instanceof Namespace)) {
      throw runtimeError('cannot assign attribute on non-namespace object');
    }
  }

  #assign(target: ResolvedTarget, value: Value, at: Activation): void {
    if (target.kind === 'name') {
      at.set(target.ref, value);
    } else if (target.kind === 'attribute') {
      (at.get(target.ref) as Namespace).set(target.attribute, value);
    } else {
      const items = unpack(this.#runtime, value, target.items.length);
      for (const [i, item] of target.items.entries()) this.#assign(item, items[i]!, at);
    }
  }
}

function filteredBlock(
  runtime: Runtime,
  filter: NonNullable<BlockAssignment['filter']>,
  text: string,
  at: Activation,
): Value {
  const input = filter.input;
  const value = input === undefined ? text : filteredBlock(runtime, input as typeof filter, text, at);
  return filtered(runtime, filter, value, at);
}

function fromIterator(iterator: Iterator<Value>): { readonly value: Value } | undefined {
  const next = iterator.next();
  return next.done === true ? undefined : { value: next.value };
}

/** Python's unpacking, with its messages. */
function unpack(runtime: Runtime, value: Value, count: number): readonly Value[] {
  const canIterate =
    isList(value) ||
    isString(value) ||
    value instanceof Tuple ||
    value instanceof Dict ||
    value instanceof DictView ||
    value instanceof Range ||
    value instanceof Lazy ||
    value instanceof Undefined ||
    (value instanceof PythonObject && value.iterate !== undefined);
  if (!canIterate) throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
  const items = toList(runtime, value);
  if (items.length > count) throw valueError(`too many values to unpack (expected ${count})`);
  if (items.length < count) {
    throw valueError(`not enough values to unpack (expected ${count}, got ${items.length})`);
  }
  return items;
}
