import { isConstantName, parsePrimary, parseTuple } from './parse-expression.ts';
import type { Expression, Target } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';

export interface TargetOptions {
  /** Attributes of a namespace, too. */
  readonly withAttributes?: boolean;
  readonly ends?: () => boolean;
}

/** A name that something is stored under. */
export function parseName(tokens: TokenStream): string {
  const { text } = tokens.expect('name');
  if (isConstantName(text)) throw tokens.error("can't assign to 'name'");
  return text;
}

/** What a `set`, a `for` or a `with` assigns to: names, tuples of them, attributes of a namespace. */
export function parseTarget(tokens: TokenStream, options: TargetOptions = {}): Target {
  const { withAttributes = false, ends = () => false } = options;
  const items: Target[] = [];
  let isTuple = false;
  for (;;) {
    if (items.length > 0) tokens.expectOperator(',');
    if (tokens.is('variable_end') || tokens.is('block_end') || tokens.isOperator(')') || ends()) break;
    items.push(parseOne(tokens, withAttributes));
    if (!tokens.isOperator(',')) break;
    isTuple = true;
  }
  if (isTuple) return { kind: 'tuple', items };
  if (items.length === 1) return items[0]!;
  // says what jinja2 says where an expression is missing
  parseTuple(tokens, { ends });
  throw tokens.error('Expected an expression');
}

function parseOne(tokens: TokenStream, withAttributes: boolean): Target {
  const isName = tokens.is('name') && !isConstantName(tokens.current.text);
  const ahead = withAttributes && isName ? tokens.look() : undefined;
  if (ahead?.type === 'operator' && ahead.text === '.') {
    const name = tokens.next().text;
    tokens.next();
    return { kind: 'attribute', name, attribute: tokens.expect('name').text };
  }
  return asTarget(parsePrimary(tokens), (kind) => tokens.error(`can't assign to '${kind}'`));
}

function asTarget(expression: Expression, refusal: (kind: string) => Error): Target {
  if (expression.kind === 'name') return { kind: 'name', name: expression.name };
  if (expression.kind !== 'tuple') throw refusal(expression.kind);
  return { kind: 'tuple', items: expression.items.map((item) => asTarget(item, refusal)) };
}
