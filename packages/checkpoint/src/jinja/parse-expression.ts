import type { Operator } from './arithmetic.ts';
import { PythonError } from './errors.ts';
import type { Arguments, Comparison, Expression, Filter } from './syntax.ts';
import { describe, type TokenStream } from './token-stream.ts';

export interface TupleOptions {
  readonly withCondition?: boolean;
  readonly inParentheses?: boolean;
  /** What ends a tuple without parentheses. */
  readonly ends?: () => boolean;
}

/** One expression, or several with commas between them as a tuple. */
export function parseTuple(tokens: TokenStream, options: TupleOptions = {}): Expression {
  const { withCondition = true, inParentheses = false, ends = () => false } = options;
  const items: Expression[] = [];
  let isTuple = false;
  for (;;) {
    if (items.length > 0) tokens.expectOperator(',');
    const isEnd = tokens.is('variable_end') || tokens.is('block_end') || tokens.isOperator(')');
    if (isEnd || ends()) break;
    items.push(parseExpression(tokens, withCondition));
    if (!tokens.isOperator(',')) break;
    isTuple = true;
  }
  if (isTuple) return { kind: 'tuple', items };
  if (items.length === 1) return items[0]!;
  if (!inParentheses) throw tokens.error(`Expected an expression, got '${describe(tokens.current)}'`);
  return { kind: 'tuple', items };
}

export const parseExpression = (tokens: TokenStream, withCondition = true): Expression =>
  tokens.deeper(() => (withCondition ? parseCondition(tokens) : parseOr(tokens)));

function parseCondition(tokens: TokenStream): Expression {
  let line = tokens.current.line;
  let expression = parseOr(tokens);
  while (tokens.skipName('if')) {
    const test = parseOr(tokens);
    const otherwise = tokens.skipName('else') ? tokens.deeper(() => parseCondition(tokens)) : undefined;
    expression = { kind: 'condition', test, value: expression, otherwise, line };
    line = tokens.current.line;
  }
  return expression;
}

function parseOr(tokens: TokenStream): Expression {
  let left = parseAnd(tokens);
  while (tokens.skipName('or')) left = { kind: 'or', left, right: parseAnd(tokens) };
  return left;
}

function parseAnd(tokens: TokenStream): Expression {
  let left = parseNot(tokens);
  while (tokens.skipName('and')) left = { kind: 'and', left, right: parseNot(tokens) };
  return left;
}

function parseNot(tokens: TokenStream): Expression {
  if (!tokens.skipName('not')) return parseCompare(tokens);
  return { kind: 'not', operand: tokens.deeper(() => parseNot(tokens)) };
}

const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];

function parseCompare(tokens: TokenStream): Expression {
  const first = parseSum(tokens);
  const rest: { operator: Comparison; operand: Expression }[] = [];
  for (;;) {
    if (tokens.isOperator(...COMPARISONS)) {
      const operator = tokens.next().text as Comparison;
      rest.push({ operator, operand: parseSum(tokens) });
    } else if (tokens.skipName('in')) {
      rest.push({ operator: 'in', operand: parseSum(tokens) });
    } else if (tokens.isName('not') && tokens.look().type === 'name' && tokens.look().text === 'in') {
      tokens.next();
      tokens.next();
      rest.push({ operator: 'notin', operand: parseSum(tokens) });
    } else {
      return rest.length === 0 ? first : { kind: 'compare', first, rest };
    }
  }
}

function binary(
  tokens: TokenStream,
  operators: readonly string[],
  operand: (tokens: TokenStream) => Expression,
): Expression {
  let left = operand(tokens);
  while (tokens.isOperator(...operators)) {
    const operator = tokens.next().text as Operator;
    left = { kind: 'calculation', operator, left, right: operand(tokens) };
  }
  return left;
}

const parseSum = (tokens: TokenStream): Expression => binary(tokens, ['+', '-'], parseConcat);
const parseProduct = (tokens: TokenStream): Expression => binary(tokens, ['*', '/', '//', '%'], parsePower);
const parsePower = (tokens: TokenStream): Expression => binary(tokens, ['**'], parseUnary);

function parseConcat(tokens: TokenStream): Expression {
  const items = [parseProduct(tokens)];
  while (tokens.skipOperator('~')) items.push(parseProduct(tokens));
  return items.length === 1 ? items[0]! : { kind: 'concat', items };
}

const parseUnary = (tokens: TokenStream): Expression => parseSigned(tokens, true);

/** A sign binds tighter than a filter and than a power: `-2 ** 2` is 4. */
function parseSigned(tokens: TokenStream, withFilter: boolean): Expression {
  let expression: Expression;
  if (tokens.isOperator('-', '+')) {
    const sign = tokens.next().text as '-' | '+';
    expression = { kind: 'sign', sign, operand: tokens.deeper(() => parseSigned(tokens, false)) };
  } else {
    expression = parsePrimary(tokens);
  }
  expression = parsePostfix(tokens, expression);
  return withFilter ? parseFiltersAndTests(tokens, expression) : expression;
}

const CONSTANTS = new Map<string, true | false | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

export const isConstantName = (name: string): boolean => CONSTANTS.has(name);

export function parsePrimary(tokens: TokenStream): Expression {
  const token = tokens.current;
  switch (token.type) {
    case 'name': {
      tokens.next();
      const constant = CONSTANTS.get(token.text);
      return constant === undefined ? { kind: 'name', name: token.text } : { kind: 'const', value: constant };
    }
    case 'string': {
      let text = '';
      while (tokens.is('string')) text += tokens.next().text;
      return { kind: 'const', value: text };
    }
    case 'integer':
    case 'float':
      tokens.next();
      return { kind: 'const', value: token.value! };
    case 'operator':
      if (token.text === '(') return parseParentheses(tokens);
      if (token.text === '[') return tokens.deeper(() => parseList(tokens));
      if (token.text === '{') return tokens.deeper(() => parseDict(tokens));
  }
  throw tokens.error(`unexpected '${describe(token)}'`, token.line);
}

function parseParentheses(tokens: TokenStream): Expression {
  tokens.next();
  const inside = tokens.deeper(() => parseTuple(tokens, { inParentheses: true }));
  tokens.expectOperator(')');
  return inside;
}

function parseList(tokens: TokenStream): Expression {
  tokens.expectOperator('[');
  const items: Expression[] = [];
  while (!tokens.isOperator(']')) {
    if (items.length > 0) tokens.expectOperator(',');
    if (tokens.isOperator(']')) break;
    items.push(parseExpression(tokens));
  }
  tokens.expectOperator(']');
  return { kind: 'list', items };
}

function parseDict(tokens: TokenStream): Expression {
  tokens.expectOperator('{');
  const pairs: [Expression, Expression][] = [];
  while (!tokens.isOperator('}')) {
    if (pairs.length > 0) tokens.expectOperator(',');
    if (tokens.isOperator('}')) break;
    const key = parseExpression(tokens);
    tokens.expectOperator(':');
    pairs.push([key, parseExpression(tokens)]);
  }
  tokens.expectOperator('}');
  return { kind: 'dict', pairs };
}

/** Attributes, items and calls behind an expression. */
export function parsePostfix(tokens: TokenStream, expression: Expression): Expression {
  let parsed = expression;
  for (;;) {
    if (tokens.isOperator('.', '[')) parsed = parseSubscript(tokens, parsed);
    else if (tokens.isOperator('(')) parsed = { kind: 'call', callee: parsed, args: parseArguments(tokens) };
    else return parsed;
  }
}

function parseFiltersAndTests(tokens: TokenStream, expression: Expression): Expression {
  let parsed = expression;
  for (;;) {
    if (tokens.isOperator('|')) parsed = parseFilters(tokens, parsed)!;
    else if (tokens.isName('is')) parsed = parseTest(tokens, parsed);
    else if (tokens.isOperator('(')) parsed = { kind: 'call', callee: parsed, args: parseArguments(tokens) };
    else return parsed;
  }
}

function parseSubscript(tokens: TokenStream, object: Expression): Expression {
  if (tokens.next().text === '.') {
    const token = tokens.next();
    if (token.type === 'name') return { kind: 'attribute', object, name: token.text };
    if (token.type === 'integer')
      return { kind: 'item', object, key: { kind: 'const', value: token.value! } };
    throw tokens.error('expected name or number', token.line);
  }
  const keys: (Expression | SliceParts)[] = [];
  while (!tokens.isOperator(']')) {
    if (keys.length > 0) tokens.expectOperator(',');
    keys.push(parseKey(tokens));
  }
  tokens.expectOperator(']');
  const [only] = keys;
  if (keys.length === 1) {
    return 'kind' in only! ? { kind: 'item', object, key: only } : { kind: 'slice', object, ...only! };
  }
  if (keys.some((key) => !('kind' in key))) throw new PythonError('SyntaxError', 'invalid syntax');
  return { kind: 'item', object, key: { kind: 'tuple', items: keys as Expression[] } };
}

interface SliceParts {
  readonly start: Expression | undefined;
  readonly stop: Expression | undefined;
  readonly step: Expression | undefined;
}

function parseKey(tokens: TokenStream): Expression | SliceParts {
  const start = tokens.isOperator(':') ? undefined : parseExpression(tokens);
  if (!tokens.skipOperator(':')) return start!;
  const part = () => (tokens.isOperator(']', ',', ':') ? undefined : parseExpression(tokens));
  const stop = part();
  const hasStep = tokens.skipOperator(':') && !tokens.isOperator(']', ',');
  return { start, stop, step: hasStep ? parseExpression(tokens) : undefined };
}

const NO_ARGUMENTS: Arguments = { positional: [], keywords: [], star: undefined, doubleStar: undefined };

export function parseArguments(tokens: TokenStream): Arguments {
  const { line } = tokens.expectOperator('(');
  const positional: Expression[] = [];
  const keywords: [string, Expression][] = [];
  let star: Expression | undefined;
  let doubleStar: Expression | undefined;
  const ensure = (isRight: boolean) => {
    if (!isRight) throw tokens.error('invalid syntax for function call expression', line);
  };
  for (let isFirst = true; !tokens.isOperator(')'); isFirst = false) {
    if (!isFirst) tokens.expectOperator(',');
    if (tokens.isOperator(')')) break;
    if (tokens.skipOperator('*')) {
      ensure(star === undefined && doubleStar === undefined);
      star = parseExpression(tokens);
    } else if (tokens.skipOperator('**')) {
      ensure(doubleStar === undefined);
      doubleStar = parseExpression(tokens);
    } else if (tokens.is('name') && tokens.look().type === 'operator' && tokens.look().text === '=') {
      ensure(doubleStar === undefined);
      const name = tokens.next().text;
      tokens.next();
      if (keywords.some(([known]) => known === name)) {
        throw new PythonError('SyntaxError', `keyword argument repeated: ${name}`);
      }
      keywords.push([name, parseExpression(tokens)]);
    } else {
      ensure(star === undefined && doubleStar === undefined && keywords.length === 0);
      positional.push(parseExpression(tokens));
    }
  }
  tokens.expectOperator(')');
  return { positional, keywords, star, doubleStar };
}

function parseDottedName(tokens: TokenStream): string {
  let name = tokens.expect('name').text;
  while (tokens.skipOperator('.')) name += `.${tokens.expect('name').text}`;
  return name;
}

/** One filter after the other, each behind its bar; none where there is no bar. */
export function parseFilters(tokens: TokenStream, input: Expression | undefined): Filter | undefined {
  let filter: Filter | undefined;
  while (tokens.skipOperator('|')) filter = parseFilter(tokens, filter ?? input);
  return filter;
}

/** The filters that open a filter block: the first without a bar. */
export function parseInlineFilters(tokens: TokenStream): Filter {
  const first = parseFilter(tokens, undefined);
  return parseFilters(tokens, first) ?? first;
}

function parseFilter(tokens: TokenStream, input: Expression | undefined): Filter {
  const { line } = tokens.current;
  const name = parseDottedName(tokens);
  const args = tokens.isOperator('(') ? parseArguments(tokens) : NO_ARGUMENTS;
  return { kind: 'filter', input, name, args, line };
}

/** `is not name argument`, after the value that it tests. */
export function parseTest(tokens: TokenStream, input: Expression): Expression {
  const { line } = tokens.next();
  const isNegated = tokens.skipName('not');
  const name = parseDottedName(tokens);
  let args = NO_ARGUMENTS;
  if (tokens.isOperator('(')) {
    args = parseArguments(tokens);
  } else if (startsArgument(tokens)) {
    if (tokens.isName('is')) throw tokens.error('You cannot chain multiple tests with is');
    args = { ...NO_ARGUMENTS, positional: [parsePostfix(tokens, parsePrimary(tokens))] };
  }
  const test: Expression = { kind: 'test', input, name, args, line };
  return isNegated ? { kind: 'not', operand: test } : test;
}

function startsArgument(tokens: TokenStream): boolean {
  const isLiteral = tokens.is('string') || tokens.is('integer') || tokens.is('float');
  const isName = tokens.is('name') && !tokens.isName('else', 'or', 'and');
  return isLiteral || isName || tokens.isOperator('[', '{');
}
