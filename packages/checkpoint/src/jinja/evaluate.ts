import type { Activation } from './activation.ts';
import { calculate, joinTexts, signed } from './arithmetic.ts';
import { getAttribute, getItem } from './attributes.ts';
import { contains, equal, isTrue, ordered } from './compare.ts';
import { PythonError, runtimeError, typeError } from './errors.ts';
import { callValue } from './objects.ts';
import { str } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { slice, toList } from './sequences.ts';
import type { Arguments, Comparison, Expression, Filter, Test } from './syntax.ts';
import {
  Dict,
  isString,
  type Keywords,
  objectTypeName,
  Tuple,
  textOf,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

/** An expression's value. */
export function evaluate(runtime: Runtime, expression: Expression, at: Activation): Value {
  runtime.budget.step();
  const of = (inner: Expression) => evaluate(runtime, inner, at);
  switch (expression.kind) {
    case 'const':
      return expression.value;
    case 'name':
      return at.load(expression);
    case 'tuple':
      return new Tuple(expression.items.map(of));
    case 'list':
      return expression.items.map(of);
    case 'dict':
      return Dict.of(expression.pairs.map(([key, value]) => [of(key), of(value)]));
    case 'condition':
      if (isTrue(of(expression.test))) return of(expression.value);
      if (expression.otherwise !== undefined) return of(expression.otherwise);
      return new Undefined(
        `the inline if-expression on line ${expression.line} evaluated to false and no else section was defined.`,
      );
    case 'and': {
      const left = of(expression.left);
      return isTrue(left) ? of(expression.right) : left;
    }
    case 'or': {
      const left = of(expression.left);
      return isTrue(left) ? left : of(expression.right);
    }
    case 'not':
      return !isTrue(of(expression.operand));
    case 'sign':
      return signed(of(expression.operand), expression.sign);
    case 'calculation':
      return calculate(runtime, of(expression.left), expression.operator, of(expression.right));
    case 'concat':
      return joinTexts(
        runtime,
        expression.items.map((item) => str(runtime, of(item))),
      );
    case 'compare': {
      let left = of(expression.first);
      for (const { operator, operand } of expression.rest) {
        const right = of(operand);
        if (!compares(runtime, left, operator, right)) return false;
        left = right;
      }
      return true;
    }
    case 'attribute':
      return getAttribute(runtime, of(expression.object), expression.name);
    case 'item':
      return getItem(runtime, of(expression.object), of(expression.key));
    case 'slice': {
      const part = (inner: Expression | undefined) => (inner === undefined ? null : of(inner));
      const object = of(expression.object);
      const [start, stop, step] = [part(expression.start), part(expression.stop), part(expression.step)];
      try {
        return slice(runtime, object, { start, stop, step });
      } catch (error) {
        const isForgiven = error instanceof PythonError && error.kind === 'TypeError';
        if (expression.isComputedBefore && isForgiven) {
          return new Undefined(`${objectTypeName(object)} has no element slice`);
        }
        throw error;
      }
    }
    case 'call': {
      const callee = of(expression.callee);
      const { args, keywords } = evaluateArguments(runtime, expression.args, at);
      return callValue(runtime, callee, args, keywords);
    }
    case 'filter':
      return filtered(runtime, expression, of(expression.input!), at);
    case 'test':
      return tested(runtime, expression, at);
  }
}

function compares(runtime: Runtime, left: Value, operator: Comparison, right: Value): boolean {
  switch (operator) {
    case '==':
      return equal(runtime, left, right);
    case '!=':
      return !equal(runtime, left, right);
    case 'in':
      return contains(runtime, right, left);
    case 'notin':
      return !contains(runtime, right, left);
    default:
      return ordered(runtime, left, operator, right);
  }
}

/** A filter applied to a value that is there already. */
export function filtered(runtime: Runtime, { name, args }: Filter, input: Value, at: Activation): Value {
  const filter = runtime.filters.get(name);
  const given = evaluateArguments(runtime, args, at);
  if (filter === undefined) throw runtimeError(`No filter named '${name}' found.`);
  return filter(runtime, input, given.args, given.keywords);
}

function tested(runtime: Runtime, { name, input, args }: Test, at: Activation): Value {
  const test = runtime.tests.get(name);
  const value = evaluate(runtime, input, at);
  const given = evaluateArguments(runtime, args, at);
  if (test === undefined) throw runtimeError(`No test named '${name}' found.`);
  return test(runtime, value, given.args, given.keywords);
}

export interface Given {
  readonly args: readonly Value[];
  readonly keywords: Keywords;
}

const NONE: Keywords = new Map();

export function evaluateArguments(runtime: Runtime, args: Arguments, at: Activation): Given {
  const { positional, keywords, star, doubleStar } = args;
  const values = positional.map((each) => evaluate(runtime, each, at));
  if (keywords.length === 0 && star === undefined && doubleStar === undefined) {
    return { args: values, keywords: NONE };
  }
  if (star !== undefined) values.push(...toList(runtime, evaluate(runtime, star, at)));
  const named = new Map<string, Value>();
  for (const [name, value] of keywords) named.set(name, evaluate(runtime, value, at));
  if (doubleStar !== undefined) {
    const more = evaluate(runtime, doubleStar, at);
    if (!(more instanceof Dict)) {
      throw typeError(`argument after ** must be a mapping, not ${typeName(more)}`);
    }
    for (const [key, value] of more.entries()) {
      if (!isString(key)) throw typeError('keywords must be strings');
      const name = textOf(key);
      if (named.has(name)) {
        throw new PythonError('TypeError', `got multiple values for keyword argument '${name}'`);
      }
      named.set(name, value);
    }
  }
  return { args: values, keywords: named };
}
