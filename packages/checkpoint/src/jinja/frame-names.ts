import type { Symbols } from './symbols.ts';
import type { Expression, Statement, Target } from './syntax.ts';
import { children } from './syntax-walk.ts';

/** Tells a frame's symbols which names its statements load and store; bodies with frames of their own are left out. */
export function storeNames(
  symbols: Symbols,
  statements: readonly Statement[],
  expressions: readonly Expression[] = [],
): void {
  for (const statement of statements) ofStatement(symbols, statement);
  for (const expression of expressions) ofExpression(symbols, expression);
}

function ofStatement(symbols: Symbols, statement: Statement): void {
  switch (statement.kind) {
    case 'output':
      for (const item of statement.items) if (typeof item !== 'string') ofExpression(symbols, item);
      return;
    case 'for':
      ofExpression(symbols, statement.items);
      return;
    case 'if': {
      ofExpression(symbols, statement.test);
      const branches = [statement.body, statement.branches, statement.otherwise].map((body) => {
        const branch = symbols.copy();
        storeNames(branch, body);
        return branch;
      });
      symbols.mergeBranches(branches);
      return;
    }
    case 'macro':
      symbols.store(statement.macro.name);
      return;
    case 'call-block':
      ofExpression(symbols, statement.call);
      return;
    case 'filter-block':
      ofExpression(symbols, statement.filter);
      return;
    case 'with':
      for (const value of statement.values) ofExpression(symbols, value);
      return;
    case 'set':
      ofExpression(symbols, statement.value);
      storeTarget(symbols, statement.target, 'store');
      return;
    case 'set-block':
      storeTarget(symbols, statement.target, 'store');
      return;
    case 'other-template':
      ofExpression(symbols, statement.name);
      for (const name of statement.stores) symbols.store(name);
  }
}

function ofExpression(symbols: Symbols, expression: Expression): void {
  if (expression.kind === 'name') symbols.load(expression.name);
  for (const child of children(expression)) ofExpression(symbols, child);
}

export function storeTarget(symbols: Symbols, target: Target, kind: 'store' | 'parameter'): void {
  if (target.kind === 'attribute') {
    symbols.load(target.name);
    return;
  }
  if (target.kind === 'tuple') {
    for (const item of target.items) storeTarget(symbols, item, kind);
    return;
  }
  if (kind === 'store') symbols.store(target.name);
  else symbols.declareParameter(target.name);
}
