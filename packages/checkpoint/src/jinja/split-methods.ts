import { bind, requireInteger } from './arguments.ts';
import { typeError, valueError } from './errors.ts';
import { likewise } from './markup.ts';
import { wordPlaces } from './python-space.ts';
import type { Runtime } from './runtime.ts';
import { splitAt, splitAtLast } from './text-search.ts';
import { isString, type Keywords, type Markup, textOf, typeName, type Value } from './values.ts';

type Split = (text: string, separator: string | undefined, limit: number) => string[];

const splitting =
  (name: string, split: Split) =>
  (runtime: Runtime, self: string | Markup, args: readonly Value[], keywords: Keywords): Value => {
    const [separator = null, most] = bind(
      { name, parameters: ['sep', 'maxsplit'], required: 0 },
      args,
      keywords,
    );
    if (separator !== null && !isString(separator)) {
      throw typeError(`must be str or None, not ${typeName(separator)}`);
    }
    if (separator !== null && textOf(separator) === '') throw valueError('empty separator');
    const limit = most === undefined ? -1 : requireInteger(most);
    const text = textOf(self);
    runtime.budget.text(text.length);
    const parts = split(text, separator === null ? undefined : textOf(separator), limit);
    runtime.budget.items(parts.length);
    return parts.map((part) => likewise(self, part));
  };

/** Words from the front; what is left over keeps its white space at the end. */
function splitWords(text: string, limit: number): string[] {
  const found = wordPlaces(text);
  if (limit < 0 || found.length <= limit) return found.map(({ word }) => word);
  return [...found.slice(0, limit).map(({ word }) => word), text.slice(found[limit]!.at)];
}

/** Words from the end; what is left over keeps its white space in front. */
function splitLastWords(text: string, limit: number): string[] {
  const found = wordPlaces(text);
  if (limit < 0 || found.length <= limit) return found.map(({ word }) => word);
  const rest = found[found.length - limit - 1]!;
  const taken = found.slice(found.length - limit).map(({ word }) => word);
  return [text.slice(0, rest.at + rest.word.length), ...taken];
}

export const splitMethods = {
  split: splitting('split', (text, separator, limit) =>
    separator === undefined ? splitWords(text, limit) : splitAt(text, separator, limit),
  ),
  rsplit: splitting('rsplit', (text, separator, limit) =>
    separator === undefined ? splitLastWords(text, limit) : splitAtLast(text, separator, limit),
  ),
};
