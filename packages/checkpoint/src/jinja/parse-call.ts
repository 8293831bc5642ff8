import { PythonError } from './errors.ts';
import { parseExpression, parsePostfix, parsePrimary } from './parse-expression.ts';
import type { Arguments, Expression, Filter } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

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
