import { bind, requireInteger } from '../arguments.ts';
import { isTrue, sortedBy } from '../compare.ts';
import { typeError, valueError } from '../errors.ts';
import { floatRepr } from '../repr.ts';
import type { FilterFunction, Runtime } from '../runtime.ts';
import { toList } from '../sequences.ts';
import { Dict, isList, isString, Tuple, textOf, typeName, type Value } from '../values.ts';

interface Style {
  readonly ascii: boolean;
  readonly indent: string | undefined;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly sortKeys: boolean;
}

/** `tojson` as transformers has it: `json.dumps` without escapes for HTML. */
export const tojson: FilterFunction = (runtime, value, args, keywords) => {
  const parameters = ['ensure_ascii', 'indent', 'separators', 'sort_keys'];
  const bound = bind({ name: 'tojson', parameters, required: 0 }, args, keywords);
  const [ascii = false, indent = null, separators = null, sortKeys = false] = bound;
  const style: Style = {
    ascii: isTrue(ascii),
    indent: indentOf(runtime, indent),
    ...separatorsOf(runtime, separators, indent !== null),
    sortKeys: isTrue(sortKeys),
  };
  const text = write(runtime, value, style, '\n');
  runtime.budget.text(text.length);
  return text;
};

function indentOf(runtime: Runtime, indent: Value): string | undefined {
  if (indent === null) return undefined;
  if (isString(indent)) return textOf(indent);
  const width = Math.max(0, requireInteger(indent));
  runtime.budget.text(width);
  return ' '.repeat(width);
}

function separatorsOf(runtime: Runtime, separators: Value, isIndented: boolean) {
  if (separators === null) return { itemSeparator: isIndented ? ',' : ', ', keySeparator: ': ' };
  const [item, key, ...rest] = toList(runtime, separators);
  if (item === undefined || key === undefined || rest.length > 0) {
    throw valueError(`${key === undefined ? 'not enough' : 'too many'} values to unpack (expected 2)`);
  }
  if (!isString(item) || !isString(key)) throw typeError('separators must be strings');
  return { itemSeparator: textOf(item), keySeparator: textOf(key) };
}

function write(runtime: Runtime, value: Value, style: Style, newline: string): string {
  runtime.budget.step();
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (isString(value)) return quoted(textOf(value), style.ascii);
  if (isList(value) || value instanceof Tuple) {
    const items = isList(value) ? value : value.items;
    const inner = newline + (style.indent ?? '');
    return runtime.budget.deeper(() =>
      enclosed(
        runtime,
        ['[', ']'],
        items.map((item) => write(runtime, item, style, inner)),
        style,
        newline,
      ),
    );
  }
  if (value instanceof Dict) {
    const inner = newline + (style.indent ?? '');
    return runtime.budget.deeper(() => {
      const members = sortedEntries(runtime, value, style).map(
        ([key, item]) =>
          quoted(keyText(key), style.ascii) + style.keySeparator + write(runtime, item, style, inner),
      );
      return enclosed(runtime, ['{', '}'], members, style, newline);
    });
  }
  throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
}

function enclosed(
  runtime: Runtime,
  [open, close]: readonly [string, string],
  parts: readonly string[],
  { indent, itemSeparator }: Style,
  newline: string,
): string {
  if (parts.length === 0) return open + close;
  const inner = indent === undefined ? '' : newline + indent;
  const length = parts.reduce((sum, part) => sum + part.length + inner.length + itemSeparator.length, 2);
  runtime.budget.text(length);
  return open + inner + parts.join(itemSeparator + inner) + (indent === undefined ? '' : newline) + close;
}

function sortedEntries(
  runtime: Runtime,
  dict: Dict,
  { sortKeys }: Style,
): readonly (readonly [Value, Value])[] {
  const entries = [...dict.entries()];
  if (!sortKeys) return entries;
  const sorted = sortedBy(
    runtime,
    entries.map((entry) => new Tuple(entry)),
    (item) => (item as Tuple).items[0]!,
    false,
  );
  return sorted.map((item) => (item as Tuple).items as unknown as readonly [Value, Value]);
}

function keyText(key: Value): string {
  if (isString(key)) return textOf(key);
  if (key === null) return 'null';
  if (typeof key === 'boolean') return key ? 'true' : 'false';
  if (typeof key === 'bigint') return String(key);
  if (typeof key === 'number') return floatText(key);
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatRepr(value);
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

function quoted(text: string, ascii: boolean): string {
  const escapes = ascii ? /["\\]|[^ -~]/g : /["\\\p{Cc}]/gu;
  const escaped = text.replace(escapes, (unit) => {
    const code = unit.charCodeAt(0);
    // of control characters JSON wants only the first 32 escaped
    if (!ascii && code >= 0x7f) return unit;
    return SHORT[unit] ?? `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
