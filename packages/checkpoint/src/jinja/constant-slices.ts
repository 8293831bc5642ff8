import type { Expression } from './syntax.ts';
import { children } from './syntax-walk.ts';

/** Filters that want the template's variables, so that jinja2 does not compute them beforehand. */
const NEVER_CONSTANT = new Set(['map', 'select', 'reject', 'selectattr', 'rejectattr', 'random']);

function isConstant(expression: Expression): boolean {
  if (expression.kind === 'name' || expression.kind === 'call') return false;
  if (expression.kind === 'filter' && NEVER_CONSTANT.has(expression.name)) return false;
  if (expression.kind === 'condition' && expression.otherwise === undefined) return false;
  return children(expression).every(isConstant);
}

/**
 * What is printed and made of constants alone jinja2 computes beforehand, where a slice of what cannot
 * be sliced is undefined instead of an error.
 */
export function markConstantSlices(printed: Expression): void {
  if (!isConstant(printed)) return;
  const mark = (expression: Expression): void => {
    if (expression.kind === 'slice') expression.isComputedBefore = true;
    for (const child of children(expression)) mark(child);
  };
  mark(printed);
}
