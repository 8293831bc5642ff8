import { NotSupported, PythonError } from './errors.ts';
import { parseExpression, parseFilters, parseInlineFilters, parseTuple } from './parse-expression.ts';
import { parseName, parseTarget } from './parse-target.ts';
import { isAllSpace } from './python-space.ts';
import type { Expression, If, MacroBody, Parameter, Statement, Target } from './syntax.ts';
import { TokenStream } from './token-stream.ts';

/** Reads a template into statements, as jinja2 with the extensions of transformers reads it. */
export const parseTemplate = (source: string): readonly Statement[] => new Parser(source).all();

class Parser {
  readonly #tokens: TokenStream;
  /** The tags that could come next, for each level. */
  readonly #ends: (readonly string[])[] = [];
  readonly #open: string[] = [];

  constructor(source: string) {
    this.#tokens = new TokenStream(source);
  }

  all(): readonly Statement[] {
    return this.#statements();
  }

  #statements(ends: readonly string[] = []): Statement[] {
    const tokens = this.#tokens;
    const statements: Statement[] = [];
    let output: (string | Expression)[] = [];
    const flush = () => {
      if (output.length > 0) statements.push({ kind: 'output', items: output });
      output = [];
    };
    if (ends.length > 0) this.#ends.push(ends);
    while (!tokens.is('eof')) {
      if (tokens.is('data')) {
        output.push(tokens.next().text);
      } else if (tokens.is('variable_begin')) {
        tokens.next();
        output.push(parseTuple(tokens));
        tokens.expect('variable_end');
      } else {
        flush();
        tokens.expect('block_begin');
        if (ends.length > 0 && tokens.isName(...ends)) {
          this.#ends.pop();
          return statements;
        }
        statements.push(tokens.deeper(() => this.#statement()));
        tokens.expect('block_end');
      }
    }
    flush();
    if (ends.length > 0) throw this.#unknownTag(undefined);
    return statements;
  }

  /** The statements of a tag's body, and the tag that ended it, which is passed over. */
  #body(...ends: readonly string[]): { readonly body: Statement[]; readonly end: string } {
    this.#tokens.skipOperator(':');
    this.#tokens.expect('block_end');
    const body = this.#statements(ends);
    return { body, end: this.#tokens.next().text };
  }

  #statement(): Statement {
    const tokens = this.#tokens;
    const tag = tokens.current;
    if (tag.type !== 'name') throw tokens.error('tag name expected');
    const parse = Object.hasOwn(this.#parsers, tag.text) ? this.#parsers[tag.text] : undefined;
    if (parse === undefined) throw this.#unknownTag(tag.text);
    this.#open.push(tag.text);
    tokens.next();
    const statement = parse();
    this.#open.pop();
    return statement;
  }

  readonly #parsers: Readonly<Record<string, () => Statement>> = {
    for: () => this.#for(),
    if: () => this.#if(),
    set: () => this.#set(),
    with: () => this.#with(),
    macro: () => this.#macro(),
    call: () => this.#call(),
    filter: () => {
      const filter = parseInlineFilters(this.#tokens);
      return { kind: 'filter-block', filter, body: this.#body('endfilter').body };
    },
    generation: () => {
      const { body } = this.#body('endgeneration');
      return { kind: 'generation', macro: { name: undefined, parameters: [], body } };
    },
    block: () => this.#block(),
    print: () => this.#print(),
    break: () => ({ kind: 'break' }),
    continue: () => ({ kind: 'continue' }),
    include: () => this.#include(),
    extends: () => ({ kind: 'other-template', name: parseExpression(this.#tokens), stores: [] }),
    import: () => this.#import(),
    from: () => this.#fromImport(),
    autoescape: () => {
      throw new NotSupported('the tag autoescape');
    },
  };

  #for(): Statement {
    const tokens = this.#tokens;
    const target = parseTarget(tokens, { ends: () => tokens.isName('in') });
    tokens.expectName('in');
    const items = parseTuple(tokens, { withCondition: false, ends: () => tokens.isName('recursive') });
    const test = tokens.skipName('if') ? parseExpression(tokens) : undefined;
    const isRecursive = tokens.skipName('recursive');
    const { body, end } = this.#body('endfor', 'else');
    const otherwise = end === 'else' ? this.#body('endfor').body : [];
    return { kind: 'for', target, items, test, isRecursive, body, otherwise };
  }

  #if(): Statement {
    const branch = () => ({
      test: parseTuple(this.#tokens, { withCondition: false }),
      ...this.#body('elif', 'else', 'endif'),
    });
    const first = branch();
    const branches: If[] = [];
    let { end } = first;
    while (end === 'elif') {
      const { test, body, end: next } = branch();
      branches.push({ kind: 'if', test, body, branches: [], otherwise: [] });
      end = next;
    }
    const otherwise = end === 'else' ? this.#body('endif').body : [];
    return { kind: 'if', test: first.test, body: first.body, branches, otherwise };
  }

  #set(): Statement {
    const tokens = this.#tokens;
    const target = parseTarget(tokens, { withAttributes: true });
    if (tokens.skipOperator('=')) return { kind: 'set', target, value: parseTuple(tokens) };
    const filter = parseFilters(tokens, undefined);
    return { kind: 'set-block', target, filter, body: this.#body('endset').body };
  }

  #with(): Statement {
    const tokens = this.#tokens;
    const targets: Target[] = [];
    const values: Expression[] = [];
    while (!tokens.is('block_end')) {
      if (targets.length > 0) tokens.expectOperator(',');
      targets.push(parseTarget(tokens));
      tokens.expectOperator('=');
      values.push(parseExpression(tokens));
    }
    return { kind: 'with', targets, values, body: this.#body('endwith').body };
  }

  #macro(): Statement {
    const name = parseName(this.#tokens);
    const parameters = this.#parameters();
    return { kind: 'macro', macro: { name, parameters, body: this.#body('endmacro').body } };
  }

  #call(): Statement {
    const tokens = this.#tokens;
    const { line } = tokens.current;
    const parameters = tokens.isOperator('(') ? this.#parameters() : [];
    const call = parseExpression(tokens);
    if (call.kind !== 'call') throw tokens.error('expected call', line);
    const macro: MacroBody = { name: undefined, parameters, body: this.#body('endcall').body };
    return { kind: 'call-block', call, macro };
  }

  #parameters(): Parameter[] {
    const tokens = this.#tokens;
    const parameters: Parameter[] = [];
    tokens.expectOperator('(');
    while (!tokens.isOperator(')')) {
      if (parameters.length > 0) tokens.expectOperator(',');
      const name = parseName(tokens);
      const otherwise = tokens.skipOperator('=') ? parseExpression(tokens) : undefined;
      if (otherwise === undefined && parameters.at(-1)?.otherwise !== undefined) {
        throw tokens.error('non-default argument follows default argument');
      }
      if (parameters.some((known) => known.name === name)) {
        throw new PythonError('SyntaxError', `duplicate argument 'l_1_${name}' in function definition`);
      }
      parameters.push({ name, otherwise });
    }
    tokens.expectOperator(')');
    return parameters;
  }

  #block(): Statement {
    const tokens = this.#tokens;
    const name = tokens.expect('name').text;
    const isScoped = tokens.skipName('scoped');
    const isRequired = tokens.skipName('required');
    if (tokens.isOperator('-')) {
      throw tokens.error(
        'Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.',
      );
    }
    const { body } = this.#body('endblock');
    const isBlank = (statement: Statement) =>
      statement.kind === 'output' &&
      statement.items.every((item) => typeof item === 'string' && isAllSpace(item));
    if (isRequired && !body.every(isBlank)) {
      throw tokens.error('Required blocks can only contain comments or whitespace');
    }
    tokens.skipName(name);
    return { kind: 'block', name, isScoped, isRequired, body };
  }

  #print(): Statement {
    const tokens = this.#tokens;
    const items: Expression[] = [];
    while (!tokens.is('block_end')) {
      if (items.length > 0) tokens.expectOperator(',');
      items.push(parseExpression(tokens));
    }
    return { kind: 'output', items };
  }

  #include(): Statement {
    const tokens = this.#tokens;
    const name = parseExpression(tokens);
    if (tokens.skipName('ignore')) tokens.expectName('missing');
    this.#importContext();
    return { kind: 'other-template', name, stores: [] };
  }

  #import(): Statement {
    const name = parseExpression(this.#tokens);
    this.#tokens.expectName('as');
    const stores = [parseName(this.#tokens)];
    this.#importContext();
    return { kind: 'other-template', name, stores };
  }

  #fromImport(): Statement {
    const tokens = this.#tokens;
    const name = parseExpression(tokens);
    tokens.expectName('import');
    const stores: string[] = [];
    do {
      if (this.#importContext()) break;
      const imported = parseName(tokens);
      if (imported.startsWith('_')) {
        throw tokens.error('names starting with an underline can not be imported');
      }
      stores.push(tokens.skipName('as') ? parseName(tokens) : imported);
    } while (!this.#importContext() && tokens.skipOperator(','));
    return { kind: 'other-template', name, stores };
  }

  #importContext(): boolean {
    const tokens = this.#tokens;
    const ahead = tokens.isName('with', 'without') ? tokens.look() : undefined;
    if (ahead?.type !== 'name' || ahead.text !== 'context') return false;
    tokens.next();
    tokens.next();
    return true;
  }

  #unknownTag(name: string | undefined): PythonError {
    const known = new Set(this.#ends.flat());
    const looking = this.#ends
      .at(-1)
      ?.map((end) => `'${end}'`)
      .join(' or ');
    const message = [
      name === undefined ? 'Unexpected end of template.' : `Encountered unknown tag '${name}'.`,
    ];
    if (looking !== undefined) {
      message.push(
        name !== undefined && known.has(name)
          ? `You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for ${looking}.`
          : `Jinja was looking for the following tags: ${looking}.`,
      );
    }
    const open = this.#open.at(-1);
    if (open !== undefined) message.push(`The innermost block that needs to be closed is '${open}'.`);
    return this.#tokens.error(message.join(' '));
  }
}
