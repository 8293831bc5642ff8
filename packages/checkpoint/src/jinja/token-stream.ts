import { type PythonError, syntaxError } from './errors.ts';
import { type Token, type TokenType, tokenize } from './tokens.ts';

const MAX_NESTING = 150;

const DESCRIPTIONS: Partial<Record<TokenType, string>> = {
  block_begin: 'begin of statement block',
  block_end: 'end of statement block',
  variable_begin: 'begin of print statement',
  variable_end: 'end of print statement',
  data: 'template data / text',
  eof: 'end of template',
};

export const describe = (token: Token): string =>
  token.type === 'name' || token.type === 'operator' ? token.text : (DESCRIPTIONS[token.type] ?? token.type);

/** The tokens of a template with one to look at, one to look ahead to, and the messages of jinja2's parser. */
export class TokenStream {
  readonly #tokens: Iterator<Token>;
  #current: Token;
  #ahead: Token | undefined;
  #depth = 0;

  constructor(template: string) {
    this.#tokens = tokenize(template);
    this.#current = { type: 'eof', text: '', line: 1 };
    this.#current = this.#pull();
  }

  #pull(): Token {
    const next = this.#tokens.next();
    return next.done === true ? { type: 'eof', text: '', line: this.#current.line } : next.value;
  }

  get current(): Token {
    return this.#current;
  }

  next(): Token {
    const token = this.#current;
    this.#current = this.#ahead ?? this.#pull();
    this.#ahead = undefined;
    return token;
  }

  look(): Token {
    this.#ahead ??= this.#pull();
    return this.#ahead;
  }

  is(type: TokenType): boolean {
    return this.#current.type === type;
  }

  isName(...names: readonly string[]): boolean {
    return this.#current.type === 'name' && names.includes(this.#current.text);
  }

  isOperator(...operators: readonly string[]): boolean {
    return this.#current.type === 'operator' && operators.includes(this.#current.text);
  }

  skipName(name: string): boolean {
    if (!this.isName(name)) return false;
    this.next();
    return true;
  }

  skipOperator(operator: string): boolean {
    if (!this.isOperator(operator)) return false;
    this.next();
    return true;
  }

  expect(type: TokenType): Token {
    return this.is(type) ? this.next() : this.#unexpected(DESCRIPTIONS[type] ?? type);
  }

  expectName(name: string): Token {
    return this.isName(name) ? this.next() : this.#unexpected(name);
  }

  expectOperator(operator: string): Token {
    return this.isOperator(operator) ? this.next() : this.#unexpected(operator);
  }

  #unexpected(wanted: string): never {
    if (this.is('eof')) throw this.error(`unexpected end of template, expected '${wanted}'.`);
    throw this.error(`expected token '${wanted}', got '${describe(this.#current)}'`);
  }

  error(message: string, line = this.#current.line): PythonError {
    return syntaxError(`${message} (line ${line})`);
  }

  /** Parses something that may hold another of its kind. */
  deeper<T>(parse: () => T): T {
    if (++this.#depth > MAX_NESTING) throw this.error(`more than ${MAX_NESTING} levels of nesting`);
    const parsed = parse();
    this.#depth--;
    return parsed;
  }
}
