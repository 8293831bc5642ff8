import { bind, positionalOnly, requireInteger, requireText } from './arguments.ts';
import { isTrue } from './compare.ts';
import { NotSupported, typeError, valueError } from './errors.ts';
import {
  capitalize,
  casefold,
  isAlpha,
  isDecimal,
  isDigit,
  isLowerLetter,
  isNumber,
  isTitleCase,
  isTitleLetter,
  isUpperLetter,
  swapCase,
  titleCase,
} from './letter-cases.ts';
import { escapeValue, likewise } from './markup.ts';
import { isAllSpace, lines, strip, stripEnd, stripStart } from './python-space.ts';
import { isPrintable } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { characters, codePointCount, toList } from './sequences.ts';
import { splitMethods } from './split-methods.ts';
import { formatMethods } from './str-format.ts';
import { countOf, find, replace, windowOf } from './text-search.ts';
import {
  isString,
  type Keywords,
  Markup,
  NativeFunction,
  Tuple,
  textOf,
  typeName,
  type Value,
} from './values.ts';

type Text = string | Markup;
type Method = (runtime: Runtime, self: Text, args: readonly Value[], keywords: Keywords) => Value;

/** A method without arguments that gives a text. */
const written =
  (name: string, make: (text: string) => string): Method =>
  (runtime, self, args, keywords) => {
    positionalOnly(`str.${name}`, args, keywords, [0, 0]);
    runtime.budget.text(textOf(self).length * 3);
    return likewise(self, make(textOf(self)));
  };

/** A method without arguments that asks something of every character; false of none. */
const everyCharacter =
  (name: string, holds: (character: string) => boolean, ofEmpty = false): Method =>
  (_, self, args, keywords) => {
    positionalOnly(`str.${name}`, args, keywords, [0, 0]);
    const text = textOf(self);
    return text === '' ? ofEmpty : [...text].every(holds);
  };

const sameCase =
  (name: string, isWanted: (letter: string) => boolean, isOther: (letter: string) => boolean): Method =>
  (_, self, args, keywords) => {
    positionalOnly(`str.${name}`, args, keywords, [0, 0]);
    const letters = [...textOf(self)];
    return letters.some(isWanted) && !letters.some((letter) => isOther(letter) || isTitleLetter(letter));
  };

const stripping =
  (name: string, spaces: (text: string) => string, atStart: boolean, atEnd: boolean): Method =>
  (_, self, args, keywords) => {
    positionalOnly(`str.${name}`, args, keywords, [0, 1]);
    const [chars = null] = args;
    if (chars === null) return likewise(self, spaces(textOf(self)));
    if (!isString(chars)) throw typeError(`${name} arg must be None or str`);
    return likewise(self, stripCharacters(textOf(self), textOf(chars), atStart, atEnd));
  };

export function stripCharacters(text: string, chars: string, atStart: boolean, atEnd: boolean): string {
  const taken = new Set(characters(chars));
  const all = characters(text);
  let [from, to] = [0, all.length];
  while (atStart && from < to && taken.has(all[from]!)) from++;
  while (atEnd && to > from && taken.has(all[to - 1]!)) to--;
  return all.slice(from, to).join('');
}

const bound = (value: Value | undefined): number | undefined =>
  value === undefined || value === null ? undefined : requireInteger(value);

const searching =
  (name: string, answer: (at: number, count: () => number) => Value, fromEnd: boolean): Method =>
  (runtime, self, args, keywords) => {
    positionalOnly(name, args, keywords, [1, 3]);
    const sought = requireText(args[0]!, `${name}() argument 1`);
    runtime.budget.step(textOf(self).length >> 4);
    const window = windowOf(textOf(self), bound(args[1]), bound(args[2]));
    return answer(find(window, sought, fromEnd), () => countOf(window, sought));
  };

const position = (at: number): Value => BigInt(at);
const foundPosition = (at: number): Value => {
  if (at < 0) throw valueError('substring not found');
  return BigInt(at);
};

const affix =
  (name: string, holds: (text: string, affix: string) => boolean): Method =>
  (_, self, args, keywords) => {
    positionalOnly(name, args, keywords, [1, 3]);
    const window = windowOf(textOf(self), bound(args[1]), bound(args[2]));
    const [sought] = args;
    const wanted = sought instanceof Tuple ? sought.items : [sought!];
    return wanted.some((each) => {
      if (!isString(each)) {
        throw typeError(`${name} first arg must be str or a tuple of str, not ${typeName(each)}`);
      }
      return window.isInside && holds(window.text, textOf(each));
    });
  };

const padding =
  (name: string, sides: (missing: number, width: number) => readonly [number, number]): Method =>
  (runtime, self, args, keywords) => {
    positionalOnly(name, args, keywords, [1, 2]);
    const width = requireInteger(args[0]!);
    const fill = args[1] ?? ' ';
    if (!isString(fill) || codePointCount(textOf(fill)) !== 1) {
      throw typeError('The fill character must be exactly one character long');
    }
    const missing = Math.max(0, width - codePointCount(textOf(self)));
    const [left, right] = sides(missing, width);
    const filled = self instanceof Markup ? escapeValue(runtime, fill).text : textOf(fill);
    if (missing > 0 && codePointCount(filled) !== 1) {
      throw typeError('The fill character must be exactly one character long');
    }
    runtime.budget.text(missing);
    return likewise(self, filled.repeat(left) + textOf(self) + filled.repeat(right));
  };

const removing =
  (name: string, cut: (text: string, affix: string) => string): Method =>
  (_, self, args, keywords) => {
    positionalOnly(`str.${name}`, args, keywords, [1, 1]);
    return likewise(self, cut(textOf(self), requireText(args[0]!, `${name}() argument`)));
  };

const METHODS: Readonly<Record<string, Method>> = {
  upper: written('upper', (text) => text.toUpperCase()),
  lower: written('lower', (text) => text.toLowerCase()),
  title: written('title', titleCase),
  capitalize: written('capitalize', capitalize),
  swapcase: written('swapcase', swapCase),
  casefold: written('casefold', casefold),
  strip: stripping('strip', strip, true, true),
  lstrip: stripping('lstrip', stripStart, true, false),
  rstrip: stripping('rstrip', stripEnd, false, true),
  find: searching('find', position, false),
  rfind: searching('rfind', position, true),
  index: searching('index', foundPosition, false),
  rindex: searching('rindex', foundPosition, true),
  count: searching('count', (_, count) => BigInt(count()), false),
  startswith: affix('startswith', (text, start) => text.startsWith(start)),
  endswith: affix('endswith', (text, end) => text.endsWith(end)),
  isalpha: everyCharacter('isalpha', isAlpha),
  isdecimal: everyCharacter('isdecimal', isDecimal),
  isdigit: everyCharacter('isdigit', isDigit),
  isnumeric: everyCharacter('isnumeric', isNumber),
  isalnum: everyCharacter('isalnum', (character) => isAlpha(character) || isNumber(character)),
  isspace: everyCharacter('isspace', isAllSpace),
  isascii: everyCharacter('isascii', (character) => character < '\x80', true),
  isprintable: everyCharacter('isprintable', isPrintable, true),
  isupper: sameCase('isupper', isUpperLetter, isLowerLetter),
  islower: sameCase('islower', isLowerLetter, isUpperLetter),
  istitle: (_, self) => isTitleCase(textOf(self)),
  isidentifier: (_, self) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(textOf(self).normalize('NFKC')),
  // where the missing places are odd, the width says which side gets more
  center: padding('center', (missing, width) => {
    const left = Math.floor(missing / 2) + (missing & width & 1);
    return [left, missing - left];
  }),
  ljust: padding('ljust', (missing) => [0, missing]),
  rjust: padding('rjust', (missing) => [missing, 0]),
  removeprefix: removing('removeprefix', (text, start) =>
    text.startsWith(start) ? text.slice(start.length) : text,
  ),
  removesuffix: removing('removesuffix', (text, end) =>
    end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text,
  ),
  zfill(runtime, self, args, keywords) {
    positionalOnly('str.zfill', args, keywords, [1, 1]);
    const text = textOf(self);
    const missing = Math.max(0, requireInteger(args[0]!) - codePointCount(text));
    runtime.budget.text(missing);
    const sign = missing > 0 && /^[+-]/.test(text) ? text[0]! : '';
    return likewise(self, sign + '0'.repeat(missing) + text.slice(sign.length));
  },
  expandtabs(runtime, self, args, keywords) {
    const [size = 8n] = bind({ name: 'expandtabs', parameters: ['tabsize'], required: 0 }, args, keywords);
    const width = requireInteger(size);
    let column = 0;
    let made = '';
    for (const character of textOf(self)) {
      const spaces = width > 0 ? width - (column % width) : 0;
      if (character === '\t') {
        runtime.budget.text(spaces);
        made += ' '.repeat(spaces);
        column += spaces;
      } else {
        made += character;
        column = character === '\n' || character === '\r' ? 0 : column + 1;
      }
    }
    return likewise(self, made);
  },
  replace(runtime, self, args, keywords) {
    positionalOnly('replace', args, keywords, [2, 3]);
    const old = requireText(args[0]!, 'replace() argument 1');
    const text = textOf(self);
    const given = requireText(args[1]!, 'replace() argument 2');
    const added = self instanceof Markup ? escapeValue(runtime, args[1]!).text : given;
    const limit = args[2] === undefined ? -1 : requireInteger(args[2]);
    const most = old === '' ? codePointCount(text) + 1 : text.length / old.length;
    runtime.budget.text(
      text.length + (most > 10_000 ? countOf({ text, before: 0, isInside: true }, old) : most) * added.length,
    );
    return likewise(self, replace(text, old, added, limit));
  },
  join(runtime, self, args, keywords) {
    positionalOnly('str.join', args, keywords, [1, 1]);
    const items = toList(runtime, args[0]!);
    const texts = items.map((item, i) => {
      if (self instanceof Markup) return escapeValue(runtime, item).text;
      if (!isString(item)) {
        throw typeError(`sequence item ${i}: expected str instance, ${typeName(item)} found`);
      }
      return textOf(item);
    });
    runtime.budget.text(texts.reduce((sum, text) => sum + text.length + textOf(self).length, 0));
    return likewise(self, texts.join(textOf(self)));
  },
  splitlines(_, self, args, keywords) {
    const [keep = false] = bind(
      { name: 'splitlines', parameters: ['keepends'], required: 0 },
      args,
      keywords,
    );
    return lines(textOf(self), isTrue(keep)).map((line) => likewise(self, line));
  },
  partition: parting('partition', (text, separator) => text.indexOf(separator), false),
  rpartition: parting('rpartition', (text, separator) => text.lastIndexOf(separator), true),
  ...splitMethods,
};

function parting(name: string, place: (text: string, separator: string) => number, fromEnd: boolean): Method {
  return (_, self, args, keywords) => {
    positionalOnly(`str.${name}`, args, keywords, [1, 1]);
    const separator = requireText(args[0]!, `${name}() argument`);
    if (separator === '') throw valueError('empty separator');
    const text = textOf(self);
    const at = place(text, separator);
    const whole = fromEnd ? ['', '', text] : [text, '', ''];
    const parts = at < 0 ? whole : [text.slice(0, at), separator, text.slice(at + separator.length)];
    return new Tuple(parts.map((part) => likewise(self, part)));
  };
}

/** What a str of Python's has and templates hardly need. */
const KNOWN_TO_PYTHON = new Set(['encode', 'translate', 'maketrans']);
const KNOWN_TO_MARKUP = new Set(['unescape', 'striptags', 'escape']);

/** The attribute of a text, `undefined` where Python's str has none of that name. */
export function textAttribute(text: Text, name: string): Value | undefined {
  if (name === 'format' || name === 'format_map') {
    return new NativeFunction(name, formatMethods[name](text), 'function');
  }
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (method !== undefined) {
    return new NativeFunction(name, (runtime, args, keywords) => method(runtime, text, args, keywords));
  }
  if (KNOWN_TO_PYTHON.has(name) || (text instanceof Markup && KNOWN_TO_MARKUP.has(name))) {
    return new NativeFunction(name, () => {
      throw new NotSupported(`the method ${typeName(text)}.${name}`);
    });
  }
  return undefined;
}
