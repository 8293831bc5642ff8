import { syntaxError } from './errors.ts';
import { PYTHON_SPACE, stripEnd } from './python-space.ts';
import { codePointCount } from './sequences.ts';
import { isIdentifier, unescapeString } from './string-literal.ts';

export type TokenType =
  | 'data'
  | 'block_begin'
  | 'block_end'
  | 'variable_begin'
  | 'variable_end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'eof';

export interface Token {
  readonly type: TokenType;
  /** The text of names, operators and data; a string's letters after unescaping. */
  readonly text: string;
  readonly value?: bigint | number;
  readonly line: number;
}

const S = `[${PYTHON_SPACE}]*`;
const sticky = (source: string, flags = '') => new RegExp(source, `y${flags}`);

const RAW_BEGIN = sticky(`\\{%([-+]?)${S}raw${S}(?:-%\\}${S}|%\\})`);
const RAW_END = `\\{%([-+]?)${S}endraw${S}(?:\\+%\\}|-%\\}${S}|%\\}\\n?)`;
const COMMENT_END = `\\+#\\}|-#\\}${S}|#\\}\\n?`;
const BLOCK_END = sticky(`\\+%\\}|-%\\}${S}|%\\}\\n?`);
const VARIABLE_END = sticky(`-\\}\\}${S}|\\}\\}`);
const SPACE = sticky(`[${PYTHON_SPACE}]+`);
const ONLY_SPACE = new RegExp(`^[${PYTHON_SPACE}]+$`);
const DIGITS = '(?:\\d+_)*\\d+';
const FLOAT = sticky(`(?<!\\.)${DIGITS}(?:(?:\\.${DIGITS})?e[+-]?${DIGITS}|\\.${DIGITS})`, 'i');
const INTEGER = sticky('0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\\da-f])+|[1-9](?:_?\\d)*|0(?:_?0)*', 'i');
const NAME = sticky('[\\p{L}\\p{N}\\p{M}_\\u00b7\\u0387]+', 'u');
const STRING = sticky(`'[^'\\\\]*(?:\\\\[\\s\\S][^'\\\\]*)*'|"[^"\\\\]*(?:\\\\[\\s\\S][^"\\\\]*)*"`);
const OPERATOR = sticky('\\*\\*|//|==|!=|>=|<=|[-+/*%~[\\](){}><=.:|,;]');

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

const failure = (message: string, line: number) => syntaxError(`${message} (line ${line})`);

/** The tokens of a template, with blocks trimmed as transformers has it, one by one as they are asked for. */
export function tokenize(template: string): Generator<Token> {
  return new Lexer(template).tokens();
}

class Lexer {
  readonly #source: string;
  #at = 0;
  #line = 1;
  #startsLine = true;

  constructor(template: string) {
    // any line end is one; the last one is dropped
    this.#source = template.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  }

  *tokens(): Generator<Token> {
    const source = this.#source;
    while (this.#at < source.length) {
      const opening = nextOpening(source, this.#at);
      if (opening === undefined) {
        yield* this.#data(source.slice(this.#at));
        return;
      }
      const isVariable = opening.kind === '{{';
      const before = source.slice(this.#at, opening.at);
      yield* this.#data(trimmed(before, opening.sign, isVariable, this.#startsLine));
      this.#pass(opening.end);
      if (opening.kind === 'raw') {
        const end = this.#find(RAW_END, 'Missing end of raw directive');
        const text = source.slice(this.#at, end.index);
        yield* this.#data(trimmed(text, end[1]!, false, this.#startsLine));
        this.#pass(end.index + end[0].length);
      } else if (opening.kind === '{#') {
        const end = this.#find(COMMENT_END, 'Missing end of comment tag');
        this.#pass(end.index + end[0].length);
      } else {
        yield { type: isVariable ? 'variable_begin' : 'block_begin', text: opening.kind, line: this.#line };
        yield* this.#tag(isVariable);
      }
    }
  }

  /** What stands in a tag, and its end. */
  *#tag(isVariable: boolean): Generator<Token> {
    const balance: string[] = [];
    while (this.#at < this.#source.length) {
      const end = balance.length > 0 ? undefined : this.#here(isVariable ? VARIABLE_END : BLOCK_END);
      if (end !== undefined) {
        yield { type: isVariable ? 'variable_end' : 'block_end', text: end, line: this.#line };
        this.#pass(this.#at + end.length);
        return;
      }
      const space = this.#here(SPACE);
      if (space !== undefined) {
        this.#pass(this.#at + space.length);
        continue;
      }
      const { token, length } = this.#one();
      if (token.type === 'operator') checkBalance(token.text, balance, this.#line);
      yield token;
      this.#pass(this.#at + length);
    }
  }

  #one(): { readonly token: Token; readonly length: number } {
    const line = this.#line;
    const float = this.#here(FLOAT);
    if (float !== undefined) {
      const value = Number(float.replaceAll('_', ''));
      return { token: { type: 'float', text: float, value, line }, length: float.length };
    }
    const integer = this.#here(INTEGER);
    if (integer !== undefined) {
      const value = BigInt(integer.replaceAll('_', '').toLowerCase());
      return { token: { type: 'integer', text: integer, value, line }, length: integer.length };
    }
    const name = this.#here(NAME);
    if (name !== undefined) {
      if (!isIdentifier(name)) throw failure('Invalid character in identifier', line);
      return { token: { type: 'name', text: name, line }, length: name.length };
    }
    const string = this.#here(STRING);
    if (string !== undefined) {
      return {
        token: { type: 'string', text: unescapeString(string.slice(1, -1)), line },
        length: string.length,
      };
    }
    const operator = this.#here(OPERATOR);
    if (operator !== undefined) {
      return { token: { type: 'operator', text: operator, line }, length: operator.length };
    }
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    const place = codePointCount(this.#source.slice(0, this.#at));
    throw failure(`unexpected char '${character}' at ${place}`, line);
  }

  #data(text: string): Token[] {
    return text === '' ? [] : [{ type: 'data', text, line: this.#line }];
  }

  #here(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source)?.[0];
  }

  #find(pattern: string, otherwise: string): RegExpExecArray {
    const search = new RegExp(pattern, 'g');
    search.lastIndex = this.#at;
    const found = search.exec(this.#source);
    if (found === null) throw failure(otherwise, this.#line);
    return found;
  }

  /** Goes on to `end`, and notes whether a line ended there. */
  #pass(end: number): void {
    for (
      let i = this.#source.indexOf('\n', this.#at);
      i >= 0 && i < end;
      i = this.#source.indexOf('\n', i + 1)
    ) {
      this.#line++;
    }
    this.#startsLine = this.#source[end - 1] === '\n';
    this.#at = end;
  }
}

interface Opening {
  readonly kind: '{{' | '{%' | '{#' | 'raw';
  readonly at: number;
  readonly end: number;
  readonly sign: string;
}

function nextOpening(source: string, from: number): Opening | undefined {
  const search = /\{[%{#]/g;
  search.lastIndex = from;
  const found = search.exec(source);
  if (found === null) return undefined;
  const at = found.index;
  RAW_BEGIN.lastIndex = at;
  const raw = RAW_BEGIN.exec(source);
  if (raw !== null) return { kind: 'raw', at, end: at + raw[0].length, sign: raw[1]! };
  const next = source[at + 2];
  const sign = next === '-' || next === '+' ? next : '';
  return { kind: found[0] as Opening['kind'], at, end: at + 2 + sign.length, sign };
}

/** Text before a tag: without white space at its end, or without the indentation of the tag's line. */
function trimmed(text: string, sign: string, isVariable: boolean, startsLine: boolean): string {
  if (sign === '-') return stripEnd(text);
  if (sign === '+' || isVariable) return text;
  const lineStart = text.lastIndexOf('\n') + 1;
  const isOwnLine = lineStart > 0 || startsLine;
  return isOwnLine && ONLY_SPACE.test(text.slice(lineStart)) ? text.slice(0, lineStart) : text;
}

function checkBalance(operator: string, balance: string[], line: number): void {
  const closing = CLOSING[operator];
  if (closing !== undefined) {
    balance.push(closing);
  } else if (operator === '}' || operator === ')' || operator === ']') {
    const expected = balance.pop();
    if (expected === undefined) throw failure(`unexpected '${operator}'`, line);
    if (expected !== operator) throw failure(`unexpected '${operator}', expected '${expected}'`, line);
  }
}
