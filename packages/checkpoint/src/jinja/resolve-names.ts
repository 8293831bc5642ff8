import { markConstantSlices } from './constant-slices.ts';
import { NotSupported, PythonError } from './errors.ts';
import { storeNames, storeTarget } from './frame-names.ts';
import { FunctionScope, type ResolvedTarget, Symbols } from './symbols.ts';
import type { Block, Expression, Filter, For, MacroBody, Statement, Target, Test } from './syntax.ts';
import { children, undeclared, visitNames } from './syntax-walk.ts';

export interface Known {
  readonly filters: { has(name: string): boolean };
  readonly tests: { has(name: string): boolean };
}

export interface ResolvedTemplate {
  readonly body: readonly Statement[];
  readonly frame: ReturnType<Symbols['info']>;
  readonly blocks: ReadonlyMap<string, Block>;
}

/** Finds the variable of every name in a template, and refuses what jinja2's compiler refuses. */
export function resolveTemplate(body: readonly Statement[], known: Known): ResolvedTemplate {
  const resolver = new Resolver(known);
  if (undeclared(body, ['self']).size > 0) throw new NotSupported('self');
  const symbols = new Symbols(new FunctionScope(undefined));
  storeNames(symbols, body);
  resolver.collectBlocks(body);
  resolver.statements(body, { symbols, isSoft: false, isToplevel: true, isInLoop: false });
  resolver.blockBodies();
  return { body, frame: symbols.info(), blocks: resolver.blocks };
}

/** Where the resolver is. */
interface Frame {
  readonly symbols: Symbols;
  /** Inside an `if`: filters that do not exist are refused only when they are called. */
  readonly isSoft: boolean;
  /** What is set here, blocks see. */
  readonly isToplevel: boolean;
  readonly isInLoop: boolean;
}

class Resolver {
  readonly blocks = new Map<string, Block>();
  readonly #known: Known;

  constructor(known: Known) {
    this.#known = known;
  }

  /** A frame inside another one. */
  #inner(frame: Frame, scope = frame.symbols.scope): Frame {
    const symbols = new Symbols(scope, frame.symbols);
    return { symbols, isSoft: false, isToplevel: false, isInLoop: frame.isInLoop };
  }

  statements(body: readonly Statement[], frame: Frame): void {
    for (const statement of body) this.#statement(statement, frame);
  }

  #statement(statement: Statement, frame: Frame): void {
    const { symbols } = frame;
    switch (statement.kind) {
      case 'output':
        for (const item of statement.items) {
          if (typeof item === 'string') continue;
          this.#expression(item, frame);
          markConstantSlices(item);
        }
        return;
      case 'for':
        this.#for(statement, frame);
        return;
      case 'if': {
        const soft = { ...frame, isSoft: true };
        this.#expression(statement.test, soft);
        this.statements(statement.body, soft);
        for (const branch of statement.branches) {
          this.#expression(branch.test, soft);
          this.statements(branch.body, soft);
        }
        this.statements(statement.otherwise, soft);
        return;
      }
      case 'macro':
        this.#macro(statement.macro, frame);
        statement.ref = symbols.ref(statement.macro.name);
        statement.isExported = frame.isToplevel;
        return;
      case 'generation':
        this.#macro(statement.macro, frame);
        return;
      case 'call-block':
        this.#macro(statement.macro, frame);
        this.#expression(statement.call, frame);
        return;
      case 'filter-block': {
        const inner = this.#inner(frame);
        storeNames(inner.symbols, statement.body, [statement.filter]);
        this.statements(statement.body, inner);
        this.#expression(statement.filter, inner);
        statement.frame = inner.symbols.info();
        return;
      }
      case 'with': {
        const inner = this.#inner(frame);
        for (const target of statement.targets) storeTarget(inner.symbols, target, 'parameter');
        storeNames(inner.symbols, statement.body);
        statement.resolved = statement.targets.map((target) => this.#target(target, inner.symbols));
        for (const value of statement.values) this.#expression(value, frame);
        this.statements(statement.body, inner);
        statement.frame = inner.symbols.info();
        return;
      }
      case 'set':
        statement.resolved = this.#target(statement.target, symbols);
        this.#expression(statement.value, frame);
        statement.exports = this.#exports(statement.target, frame);
        return;
      case 'set-block': {
        const inner = this.#inner(frame);
        storeNames(inner.symbols, statement.body);
        this.statements(statement.body, inner);
        statement.resolved = this.#target(statement.target, symbols);
        if (statement.filter !== undefined) this.#expression(statement.filter, inner);
        statement.exports = this.#exports(statement.target, frame);
        statement.frame = inner.symbols.info();
        return;
      }
      case 'block':
        statement.seen = statement.isScoped ? symbols.allStores() : undefined;
        return;
      case 'other-template':
        this.#expression(statement.name, frame);
        return;
      case 'break':
      case 'continue':
        if (frame.isInLoop) return;
        throw new PythonError(
          'SyntaxError',
          statement.kind === 'break' ? "'break' outside loop" : "'continue' not properly in loop",
        );
    }
  }

  #for(statement: For, frame: Frame): void {
    let storesLoop = false;
    let isExtended = statement.isRecursive || undeclared(statement.body, ['loop']).has('loop');
    visitNames([statement], {
      load: () => undefined,
      store: (name, kind) => {
        storesLoop ||= kind === 'store' && name === 'loop';
      },
      block: (isScoped) => {
        isExtended ||= isScoped;
      },
    });
    if (storesLoop) throw compileError("Can't assign to special loop variable in for-loop target");

    this.#expression(statement.items, frame);
    const own = frame.symbols.scope;
    const scope = statement.isRecursive ? new FunctionScope(own) : own;
    const body = { ...this.#inner(frame, scope), isInLoop: true };
    const loop = isExtended ? body.symbols.declareParameter('loop') : undefined;
    storeTarget(body.symbols, statement.target, 'parameter');
    storeNames(body.symbols, statement.body);
    const otherwise = statement.otherwise.length > 0 ? this.#inner(frame, scope) : undefined;
    if (otherwise !== undefined) storeNames(otherwise.symbols, statement.otherwise);
    const test = statement.test === undefined ? undefined : this.#inner(frame, new FunctionScope(own));
    if (test !== undefined) {
      storeTarget(test.symbols, statement.target, 'parameter');
      storeNames(test.symbols, [], [statement.test!]);
      this.#expression(statement.test!, test);
    }
    this.statements(statement.body, body);
    if (otherwise !== undefined) this.statements(statement.otherwise, otherwise);
    statement.frames = {
      body: body.symbols.info(),
      otherwise: otherwise?.symbols.info(),
      test: test?.symbols.info(),
      target: this.#target(statement.target, body.symbols),
      testTarget: test === undefined ? undefined : this.#target(statement.target, test.symbols),
      loop,
    };
  }

  #macro(macro: MacroBody, frame: Frame): void {
    const inner = { ...this.#inner(frame, new FunctionScope(frame.symbols.scope)), isInLoop: false };
    const { symbols } = inner;
    const parameters = macro.parameters.map(({ name }) => symbols.declareParameter(name));
    const defaults = macro.parameters.flatMap(({ otherwise }) =>
      otherwise === undefined ? [] : [otherwise],
    );
    storeNames(symbols, [], defaults);
    storeNames(symbols, macro.body);
    const asked = undeclared(macro.body, ['caller', 'kwargs', 'varargs']);
    const own = new Map(macro.parameters.map((parameter) => [parameter.name, parameter]));
    const special = (name: string) =>
      asked.has(name) && !own.has(name) ? symbols.declareParameter(name) : undefined;
    if (asked.has('caller') && own.has('caller') && own.get('caller')!.otherwise === undefined) {
      throw compileError(
        'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
      );
    }
    macro.slots = {
      parameters,
      caller: special('caller'),
      kwargs: special('kwargs'),
      varargs: special('varargs'),
    };
    for (const each of defaults) this.#expression(each, inner);
    this.statements(macro.body, inner);
    macro.frame = symbols.info();
  }

  /** Blocks are found wherever they are, also in bodies of macros and of each other. */
  collectBlocks(body: readonly Statement[]): void {
    for (const statement of body) {
      if (statement.kind === 'block') {
        if (this.blocks.has(statement.name)) throw compileError(`block '${statement.name}' defined twice`);
        this.blocks.set(statement.name, statement);
      }
      if (statement.kind === 'if') this.collectBlocks(statement.branches);
      if ('macro' in statement) this.collectBlocks(statement.macro.body);
      if ('body' in statement) this.collectBlocks(statement.body);
      if ('otherwise' in statement) this.collectBlocks(statement.otherwise);
    }
  }

  /** A block's body sees nothing of what surrounds it. */
  blockBodies(): void {
    for (const block of this.blocks.values()) {
      const asked = undeclared(block.body, ['self', 'super']);
      if (asked.has('self')) throw new NotSupported('self');
      const symbols = new Symbols(new FunctionScope(undefined));
      block.superRef = asked.has('super') ? symbols.declareParameter('super') : undefined;
      storeNames(symbols, block.body);
      this.statements(block.body, { symbols, isSoft: false, isToplevel: false, isInLoop: false });
      block.frame = symbols.info();
    }
  }

  #expression(expression: Expression, frame: Frame): void {
    if (expression.kind === 'name') {
      const ref = frame.symbols.ref(expression.name);
      expression.ref = ref;
      expression.isOuterParameter =
        ref.scope !== frame.symbols.scope && frame.symbols.isParameter(expression.name);
    }
    if (expression.kind === 'filter' || expression.kind === 'test') this.#checkName(expression, frame);
    const inside = expression.kind === 'condition' ? { ...frame, isSoft: true } : frame;
    for (const child of children(expression)) this.#expression(child, inside);
  }

  #checkName({ kind, name }: Filter | Test, frame: Frame): void {
    const isKnown = (kind === 'filter' ? this.#known.filters : this.#known.tests).has(name);
    if (!isKnown && !frame.isSoft) throw compileError(`No ${kind} named '${name}'.`);
  }

  #target(target: Target, symbols: Symbols): ResolvedTarget {
    if (target.kind === 'name') return { kind: 'name', ref: symbols.ref(target.name) };
    if (target.kind === 'attribute') {
      return { kind: 'attribute', ref: symbols.ref(target.name), attribute: target.attribute };
    }
    return { kind: 'tuple', items: target.items.map((item) => this.#target(item, symbols)) };
  }

  #exports(target: Target, frame: Frame) {
    if (!frame.isToplevel) return [];
    const names: string[] = [];
    const collect = (each: Target): void => {
      if (each.kind === 'name') names.push(each.name);
      if (each.kind === 'tuple') for (const item of each.items) collect(item);
    };
    collect(target);
    return names.map((name) => ({ name, ref: frame.symbols.ref(name) }));
  }
}

const compileError = (message: string) => new PythonError('TemplateAssertionError', message);
