import { str } from './repr.ts';
import type { Runtime } from './runtime.ts';
import { isString, Markup, type Value } from './values.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};

export const escapeText = (text: string): string =>
  text.replace(/[&<>'"]/g, (character) => ESCAPES[character]!);

/** markupsafe's `escape`: what is Markup stays as it is. */
export function escapeValue(runtime: Runtime, value: Value): Markup {
  if (value instanceof Markup) return value;
  const text = str(runtime, value);
  runtime.budget.text(text.length * 5);
  return new Markup(escapeText(text));
}

/** `soft_str`: a text, Markup still Markup. */
export const softStr = (runtime: Runtime, value: Value): string | Markup =>
  isString(value) ? value : str(runtime, value);

/** A text of the same kind as the one it was made from. */
export const likewise = (model: Value, text: string): string | Markup =>
  model instanceof Markup ? new Markup(text) : text;
