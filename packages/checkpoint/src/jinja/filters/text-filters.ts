import { bind } from '../arguments.ts';
import { calculate } from '../arithmetic.ts';
import { isTrue } from '../compare.ts';
import { PythonError, typeError, valueError } from '../errors.ts';
import { escapeText, escapeValue, likewise, softStr } from '../markup.ts';
import { callValue } from '../objects.ts';
import { lines, PYTHON_SPACE, strip, wordPlaces } from '../python-space.ts';
import { repr, str } from '../repr.ts';
import type { FilterFunction, Runtime } from '../runtime.ts';
import { asIndex, codePointCount, iterate, requireLength, slice, toList } from '../sequences.ts';
import { stripCharacters, textAttribute } from '../str-methods.ts';
import { unescapeHtml } from '../unescape-html.ts';
import { Dict, isString, Markup, Tuple, textOf, typeName, Undefined, type Value } from '../values.ts';

/** A method of str, applied to whatever the value is as a text. */
const asMethod =
  (method: string): FilterFunction =>
  (runtime, value, args, keywords) => {
    bind({ name: method, parameters: [], required: 0 }, args, keywords);
    return callMethod(runtime, softStr(runtime, value), method, []);
  };

const callMethod = (runtime: Runtime, text: string | Markup, method: string, args: readonly Value[]): Value =>
  callValue(runtime, textAttribute(text, method)!, args, new Map());

const TITLE_BREAKS = new RegExp(`([-${PYTHON_SPACE}({[<]+)`);

export const textFilters: Readonly<Record<string, FilterFunction>> = {
  upper: asMethod('upper'),
  lower: asMethod('lower'),
  capitalize: asMethod('capitalize'),
  title(runtime, value) {
    const text = textOf(softStr(runtime, value));
    runtime.budget.text(text.length * 3);
    return text
      .split(TITLE_BREAKS)
      .map((part) => {
        const [first = ''] = part.match(/[\s\S]/u) ?? [];
        return first.toUpperCase() + part.slice(first.length).toLowerCase();
      })
      .join('');
  },
  trim(runtime, value, args, keywords) {
    const [chars = null] = bind({ name: 'do_trim', parameters: ['chars'], required: 0 }, args, keywords);
    const text = softStr(runtime, value);
    if (chars === null) return likewise(text, strip(textOf(text)));
    if (!isString(chars)) throw typeError('strip arg must be None or str');
    return likewise(text, stripCharacters(textOf(text), textOf(chars), true, true));
  },
  string: (runtime, value) => softStr(runtime, value),
  escape: escapeValue,
  e: escapeValue,
  forceescape: (runtime, value) => new Markup(escapeText(str(runtime, value))),
  safe: (runtime, value) => new Markup(str(runtime, value)),
  striptags: (runtime, value) => stripTags(str(runtime, value)),
  replace(runtime, value, args, keywords) {
    const parameters = ['old', 'new', 'count'];
    const [old, written, count = null] = bind(
      { name: 'do_replace', parameters, required: 2 },
      args,
      keywords,
    );
    const text = str(runtime, value);
    const times = count === null ? -1 : integer(count);
    return callMethod(runtime, text, 'replace', [str(runtime, old!), str(runtime, written!), BigInt(times)]);
  },
  center(runtime, value, args, keywords) {
    const [width = 80n] = bind({ name: 'do_center', parameters: ['width'], required: 0 }, args, keywords);
    return callMethod(runtime, softStr(runtime, value), 'center', [width]);
  },
  format(runtime, value, args, keywords) {
    if (args.length > 0 && keywords.size > 0) {
      throw new PythonError(
        'FilterArgumentError',
        "can't handle positional and keyword arguments at the same time",
      );
    }
    const values = keywords.size > 0 ? Dict.of(keywords) : new Tuple(args);
    return calculate(runtime, softStr(runtime, value), '%', values);
  },
  indent(runtime, value, args, keywords) {
    const parameters = ['width', 'first', 'blank'];
    const [width = 4n, first = false, blank = false] = bind(
      { name: 'do_indent', parameters, required: 0 },
      args,
      keywords,
    );
    if (value instanceof Undefined) return value.raise();
    if (!isString(value)) {
      throw typeError(`unsupported operand type(s) for +=: '${typeName(value)}' and 'str'`);
    }
    const indention = isString(width) ? textOf(width) : spaces(runtime, integer(width));
    const [head = '', ...rest] = lines(`${textOf(value)}\n`);
    runtime.budget.text(textOf(value).length + rest.length * (indention.length + 1));
    const isBlank = isTrue(blank);
    const indented = rest.map((line) => (isBlank || line !== '' ? indention + line : line));
    const text = [head, ...indented].join('\n');
    return likewise(value, isTrue(first) ? indention + text : text);
  },
  truncate(runtime, value, args, keywords) {
    const parameters = ['length', 'killwords', 'end', 'leeway'];
    const bound = bind({ name: 'do_truncate', parameters, required: 0 }, args, keywords);
    const [length = 255n, killwords = false, end = '...', leeway = null] = bound;
    const slack = leeway === null ? 5 : integer(leeway);
    if (!isString(end)) throw typeError(`object of type '${typeName(end)}' has no len()`);
    const [most, tail] = [integer(length), codePointCount(textOf(end))];
    if (most < tail) throw new PythonError('AssertionError', `expected length >= ${tail}, got ${most}`);
    if (slack < 0) throw new PythonError('AssertionError', `expected leeway >= 0, got ${slack}`);
    if (requireLength(value) <= most + slack) return value;
    const cut = slice(runtime, value, { start: null, stop: BigInt(most - tail), step: null });
    if (isTrue(killwords)) return calculate(runtime, cut, '+', end);
    if (!isString(cut)) {
      throw new PythonError('AttributeError', `'${typeName(cut)}' object has no attribute 'rsplit'`);
    }
    const at = textOf(cut).lastIndexOf(' ');
    return calculate(runtime, at < 0 ? cut : likewise(cut, textOf(cut).slice(0, at)), '+', end);
  },
  wordcount: (runtime, value) =>
    BigInt(str(runtime, value).match(/[\p{L}\p{N}_\u3007\u3021-\u3029]+/gu)?.length ?? 0),
  urlencode(runtime, value) {
    if (isString(value)) return quoteUrl(textOf(value), '/');
    const pairs = value instanceof Dict ? [...value.entries()].map((entry) => new Tuple(entry)) : undefined;
    if (pairs === undefined && !isIterable(value)) return quoteUrl(str(runtime, value), '/');
    return (pairs ?? toList(runtime, value))
      .map((pair) => {
        const items = toList(runtime, pair);
        if (items.length !== 2)
          throw valueError(`not enough values to unpack (expected 2, got ${items.length})`);
        return items.map((item) => quoteUrl(str(runtime, item), '').replaceAll('%20', '+')).join('=');
      })
      .join('&');
  },
  xmlattr(runtime, value, args, keywords) {
    const [autospace = true] = bind(
      { name: 'do_xmlattr', parameters: ['autospace'], required: 0 },
      args,
      keywords,
    );
    if (value instanceof Undefined) return value.raise();
    if (!(value instanceof Dict)) {
      throw new PythonError('AttributeError', `'${typeName(value)}' object has no attribute 'items'`);
    }
    const written: string[] = [];
    for (const [key, item] of value.entries()) {
      if (item === null || item instanceof Undefined) continue;
      if (!isString(key)) throw typeError(`expected string or bytes-like object, got '${typeName(key)}'`);
      if (/[ \t\n\r\f\v/>=]/.test(textOf(key))) {
        throw valueError(`Invalid character in attribute name: ${repr(runtime, key)}`);
      }
      written.push(`${escapeValue(runtime, key).text}="${escapeValue(runtime, item).text}"`);
    }
    const text = written.join(' ');
    return isTrue(autospace) && text !== '' ? ` ${text}` : text;
  },
  join(runtime, value, args, keywords) {
    const parameters = ['d', 'attribute'];
    const [separator = '', attribute = null] = bind(
      { name: 'do_join', parameters, required: 0 },
      args,
      keywords,
    );
    const items =
      attribute === null
        ? value
        : runtime.filters.get('map')!(runtime, value, [], new Map([['attribute', attribute]]));
    const texts = toList(runtime, items).map((item) => str(runtime, item));
    const between = str(runtime, separator);
    runtime.budget.text(texts.reduce((sum, text) => sum + text.length + between.length, 0));
    return texts.join(between);
  },
};

function isIterable(value: Value): boolean {
  try {
    iterate(value);
    return true;
  } catch {
    return false;
  }
}

function integer(value: Value): number {
  if (value instanceof Undefined) return value.raise();
  const index = asIndex(value);
  if (index === undefined) {
    throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  }
  return Number(index);
}

function spaces(runtime: Runtime, count: number): string {
  runtime.budget.text(Math.max(0, count));
  return ' '.repeat(Math.max(0, count));
}

/** Percent-encodes what a URL cannot hold, as Python's `quote` does. */
function quoteUrl(text: string, safe: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    const isPlain = /[A-Za-z0-9_.~-]/.test(character) || safe.includes(character);
    return isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Without tags and comments, runs of white space made one, entities read. */
function stripTags(html: string): string {
  let text = '';
  let at = 0;
  for (;;) {
    const start = html.indexOf('<', at);
    if (start < 0) break;
    const isComment = html.startsWith('<!--', start);
    const end = isComment ? html.indexOf('-->', start + 4) : html.indexOf('>', start);
    if (end < 0) break;
    text += html.slice(at, start);
    at = end + (isComment ? 3 : 1);
  }
  const words = wordPlaces(text + html.slice(at)).map(({ word }) => word);
  return unescapeHtml(words.join(' '));
}
