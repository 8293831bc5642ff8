import { PythonError, valueError } from './errors.ts';
import { formatValue } from './format-spec.ts';
import { escapeText } from './markup.ts';
import { asciiOnly, repr, str, stringRepr } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { Dict, type Keywords, Markup, textOf, type Value } from './values.ts';

interface Arguments {
  readonly args: readonly Value[];
  readonly named: (key: string) => Value | undefined;
}

/** `format.format(*args, **keywords)`, with attributes looked up as templates may. */
export function formatText(
  runtime: Runtime,
  format: string | Markup,
  args: readonly Value[],
  keywords: Keywords | Dict,
): string | Markup {
  const named = (key: string) => keywords.get(key);
  const isMarkup = format instanceof Markup;
  const state: State = { numbering: 'unknown', next: 0 };
  const text = expand(runtime, textOf(format), { args, named }, { state, isMarkup, depth: 2 });
  return isMarkup ? new Markup(text) : text;
}

interface State {
  numbering: 'unknown' | 'automatic' | 'manual';
  next: number;
}

interface Level {
  readonly state: State;
  readonly isMarkup: boolean;
  readonly depth: number;
}

function expand(runtime: Runtime, format: string, given: Arguments, level: Level): string {
  if (level.depth < 0) throw valueError('Max string recursion exceeded');
  let written = '';
  let at = 0;
  while (at < format.length) {
    runtime.budget.step();
    const brace = /[{}]/g;
    brace.lastIndex = at;
    const found = brace.exec(format);
    if (found === null) return written + format.slice(at);
    written += format.slice(at, found.index);
    const character = found[0];
    at = found.index + 1;
    if (format[at] === character) {
      written += character;
      at++;
    } else if (character === '}') {
      throw valueError("Single '}' encountered in format string");
    } else if (at >= format.length) {
      throw valueError("Single '{' encountered in format string");
    } else {
      const end = closing(format, at);
      written += replacement(runtime, format.slice(at, end), given, level);
      runtime.budget.text(written.length);
      at = end + 1;
    }
  }
  return written;
}

/** Where the field that begins at `from` ends; braces nest, brackets hide them. */
function closing(format: string, from: number): number {
  let depth = 1;
  for (let i = from; i < format.length; i++) {
    if (format[i] === '{') depth++;
    else if (format[i] === '}' && --depth === 0) return i;
    else if (format[i] === '[' && depth === 1 && !format.slice(from, i).includes(':')) {
      while (i < format.length && format[i] !== ']') i++;
    }
  }
  throw valueError("expected '}' before end of string");
}

function replacement(runtime: Runtime, field: string, given: Arguments, level: Level): string {
  const [, name = '', conversion, spec = ''] = /^((?:\[[^\]]*\]?|[^![:])*)(?:!([^:]*))?(?::([\s\S]*))?$/.exec(
    field,
  ) ?? ['', field];
  const value = convert(runtime, fieldValue(runtime, name, given, level.state), conversion);
  const expanded = expand(runtime, spec, given, { ...level, depth: level.depth - 1 });
  if (!level.isMarkup) return formatValue(runtime, value, expanded);
  if (value instanceof Markup) {
    if (expanded !== '') throw valueError('Unsupported format specification for Markup.');
    return value.text;
  }
  return escapeText(formatValue(runtime, value, expanded));
}

function convert(runtime: Runtime, value: Value, conversion: string | undefined): Value {
  if (conversion === undefined) return value;
  if (conversion === 's') return str(runtime, value);
  if (conversion === 'r') return repr(runtime, value);
  if (conversion === 'a') return asciiOnly(repr(runtime, value));
  if (conversion === '') throw valueError('end of string while looking for conversion specifier');
  throw valueError(`Unknown conversion specifier ${conversion}`);
}

function fieldValue(runtime: Runtime, name: string, given: Arguments, state: State): Value {
  const [, first = '', path = ''] = /^([^.[]*)([\s\S]*)$/.exec(name)!;
  let value = root(first, name === '', given, state);
  for (let rest = path; rest !== ''; ) {
    const step = /^(?:\.([^.[]+)|\[([^\]]+)\])/.exec(rest);
    if (step === null) throw valueError('Empty attribute in format string');
    const [all, attribute, item] = step;
    value =
      attribute !== undefined
        ? runtime.getAttribute(runtime, value, attribute)
        : runtime.getItem(runtime, value, /^\d+$/.test(item!) ? BigInt(item!) : item!);
    rest = rest.slice(all.length);
  }
  return value;
}

function root(first: string, isAutomatic: boolean, { args, named }: Arguments, state: State): Value {
  if (isAutomatic || /^\d+$/.test(first)) {
    const kind = isAutomatic ? 'automatic' : 'manual';
    if (state.numbering !== 'unknown' && state.numbering !== kind) {
      const [from, to] = isAutomatic
        ? ['manual field specification', 'automatic field numbering']
        : ['manual field specification', 'automatic field numbering'];
      throw valueError(`cannot switch from ${from} to ${to}`);
    }
    state.numbering = kind;
    const index = isAutomatic ? state.next++ : Number(first);
    const value = args[index];
    if (value === undefined) {
      throw new PythonError(
        'IndexError',
        `Replacement index ${index} out of range for positional args tuple`,
      );
    }
    return value;
  }
  const value = named(first);
  if (value === undefined) throw new PythonError('KeyError', stringRepr(first));
  return value;
}

/** `str.format` and `str.format_map` of one text. */
export const formatMethods = {
  format: (text: string | Markup) => (runtime: Runtime, args: readonly Value[], keywords: Keywords) =>
    formatText(runtime, text, args, keywords),
  format_map: (text: string | Markup) => (runtime: Runtime, args: readonly Value[], keywords: Keywords) => {
    if (keywords.size > 0) throw new PythonError('TypeError', 'format_map() takes no keyword arguments');
    const [map] = args;
    if (args.length !== 1) {
      throw new PythonError('TypeError', `format_map() takes exactly one argument (${args.length} given)`);
    }
    if (!(map instanceof Dict)) throw new PythonError('TypeError', 'format_map() wants a mapping');
    return formatText(runtime, text, [], map);
  },
};
