import type { Arguments, Expression, MacroBody, Statement, Target } from './syntax.ts';

/** The expressions directly inside an expression. */
export function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'const':
    case 'name':
      return [];
    case 'tuple':
    case 'list':
    case 'concat':
      return expression.items;
    case 'dict':
      return expression.pairs.flat();
    case 'condition':
      return present(expression.test, expression.value, expression.otherwise);
    case 'and':
    case 'or':
    case 'calculation':
      return [expression.left, expression.right];
    case 'not':
    case 'sign':
      return [expression.operand];
    case 'compare':
      return [expression.first, ...expression.rest.map(({ operand }) => operand)];
    case 'attribute':
      return [expression.object];
    case 'item':
      return [expression.object, expression.key];
    case 'slice':
      return present(expression.object, expression.start, expression.stop, expression.step);
    case 'call':
      return [expression.callee, ...argumentsOf(expression.args)];
    case 'filter':
      return [...present(expression.input), ...argumentsOf(expression.args)];
    case 'test':
      return [expression.input, ...argumentsOf(expression.args)];
  }
}

const argumentsOf = ({ positional, keywords, star, doubleStar }: Arguments): readonly Expression[] => [
  ...positional,
  ...keywords.map(([, value]) => value),
  ...present(star, doubleStar),
];

const present = (...expressions: readonly (Expression | undefined)[]): Expression[] =>
  expressions.filter((expression) => expression !== undefined);

/** What happens to names, in the order in which jinja2 walks through its nodes. */
export interface NameVisitor {
  readonly load: (name: string) => void;
  /** `parameter`: a macro's or a `with`'s; `store`: anything else. */
  readonly store: (name: string, kind: 'store' | 'parameter') => void;
  readonly block?: (isScoped: boolean) => void;
}

/** Visits all names of statements, those in nested bodies too; bodies of blocks are left out. */
export function visitNames(statements: readonly Statement[], visitor: NameVisitor): void {
  for (const statement of statements) visitStatement(statement, visitor);
}

function visitStatement(statement: Statement, visitor: NameVisitor): void {
  const expressions = (...list: readonly (Expression | string | undefined)[]) => {
    for (const each of list) if (typeof each === 'object') visitExpression(each, visitor);
  };
  const body = (...bodies: readonly (readonly Statement[])[]) => {
    for (const each of bodies) visitNames(each, visitor);
  };
  switch (statement.kind) {
    case 'output':
      expressions(...statement.items);
      return;
    case 'for':
      visitTarget(statement.target, visitor, 'store');
      expressions(statement.items);
      body(statement.body, statement.otherwise);
      expressions(statement.test);
      return;
    case 'if':
      expressions(statement.test);
      body(statement.body, statement.branches, statement.otherwise);
      return;
    case 'macro':
    case 'generation':
      visitMacro(statement.macro, visitor);
      return;
    case 'call-block':
      expressions(statement.call);
      visitMacro(statement.macro, visitor);
      return;
    case 'filter-block':
      body(statement.body);
      expressions(statement.filter);
      return;
    case 'with':
      for (const target of statement.targets) visitTarget(target, visitor, 'parameter');
      expressions(...statement.values);
      body(statement.body);
      return;
    case 'set':
      visitTarget(statement.target, visitor, 'store');
      expressions(statement.value);
      return;
    case 'set-block':
      visitTarget(statement.target, visitor, 'store');
      expressions(statement.filter);
      body(statement.body);
      return;
    case 'block':
      visitor.block?.(statement.isScoped);
      return;
    case 'other-template':
      expressions(statement.name);
      return;
  }
}

function visitMacro({ parameters, body }: MacroBody, visitor: NameVisitor): void {
  for (const { name } of parameters) visitor.store(name, 'parameter');
  for (const { otherwise } of parameters) if (otherwise !== undefined) visitExpression(otherwise, visitor);
  visitNames(body, visitor);
}

function visitExpression(expression: Expression, visitor: NameVisitor): void {
  if (expression.kind === 'name') visitor.load(expression.name);
  for (const child of children(expression)) visitExpression(child, visitor);
}

function visitTarget(target: Target, visitor: NameVisitor, kind: 'store' | 'parameter'): void {
  if (target.kind === 'name') visitor.store(target.name, kind);
  if (target.kind === 'tuple') for (const item of target.items) visitTarget(item, visitor, kind);
}

/** Those of `names` that are asked for before anything of that name is set. */
export function undeclared(statements: readonly Statement[], names: readonly string[]): Set<string> {
  const open = new Set(names);
  const found = new Set<string>();
  visitNames(statements, {
    load(name) {
      if (open.has(name)) found.add(name);
    },
    store(name) {
      open.delete(name);
    },
  });
  return found;
}
