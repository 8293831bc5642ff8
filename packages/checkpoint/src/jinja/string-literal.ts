import { NotSupported, syntaxError } from './errors.ts';

export const isIdentifier = (name: string): boolean =>
  /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(name.normalize('NFKC'));

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const ESCAPE = /\\(?:([0-7]{1,3})|([xuU])([0-9a-fA-F]{0,8})|([\s\S]))/gu;

/** What stands between the quotes of a string, as Python's unicode-escape reads it. */
export function unescapeString(text: string): string {
  return text.replace(ESCAPE, (_, octal, kind, digits, other) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (kind !== undefined) return ofHex(kind, digits);
    if (other === 'N') throw new NotSupported('\\N{…} in a string');
    return SIMPLE[other] ?? (other.codePointAt(0) < 0x80 ? `\\${other}` : escapedTwice(other));
  });
}

function ofHex(kind: string, digits: string): string {
  const length = HEX_LENGTHS[kind]!;
  if (digits.length < length) throw syntaxError(`truncated \\${kind}${'X'.repeat(length)} escape`);
  const code = Number.parseInt(digits.slice(0, length), 16);
  if (code > 0x10ffff) throw syntaxError('illegal Unicode character');
  if (code >= 0xd800 && code <= 0xdfff) throw new NotSupported('half a surrogate pair in a string');
  return String.fromCodePoint(code) + digits.slice(length);
}

/** jinja2 spells letters beyond ASCII as escapes first, and a backslash before one takes its backslash away. */
function escapedTwice(letter: string): string {
  const code = letter.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
