import { strip } from './jinja/python-space.ts';
import type { NormalText } from './tokenize/normal-text.ts';

/**
 * Tells apart the special tokens that a template wrote from those in what a user wrote. The latter
 * carry an escape mark: a character before another in which then no special token is read.
 */
export interface SpecialText {
  /**
   * Escapes `content` so that no special token can be read in it nor across its ends, whatever a
   * template writes before and after, and also where it trims the content.
   */
  escapeContent(content: string, mark: string): string;
  /** Escapes only whole special tokens, for names from which a template builds special tokens. */
  escapeWhole(text: string, mark: string): string;
}

/** Special tokens that are looked for in normalised text, and the way there. */
export interface NormalisedSpecials {
  readonly specials: readonly string[];
  normalise(text: string): NormalText;
}

export function specialText(specials: readonly string[], normalised?: NormalisedSpecials): SpecialText {
  const escaped = (text: string, mark: string, risky: typeof riskyInContent): string => {
    const at = new Set(risky(text, specials));
    if (normalised !== undefined) {
      const { specials: others, normalise } = normalised;
      const changed = normalise(text);
      for (const place of risky(changed.text, others)) at.add(firstVisible(text, changed, place));
    }
    if (at.size === 0) return text;
    let out = '';
    for (let i = 0; i < text.length; i++) out += at.has(i) ? mark + text[i] : text[i];
    return out;
  };
  return {
    escapeWhole: (text, mark) => escaped(text, mark, wholeTokens),
    escapeContent: (content, mark) => escaped(content, mark, riskyInContent),
  };
}

/** Takes the marks out of a text, and says where what stood behind one is now. */
export function unmark(text: string, mark: string): { readonly text: string; readonly marked: Set<number> } {
  const parts = text.split(mark);
  const marked = new Set<number>();
  let length = parts[0]!.length;
  for (const part of parts.slice(1)) {
    marked.add(length);
    length += part.length;
  }
  return { text: parts.join(''), marked };
}

function wholeTokens(text: string, specials: readonly string[]): number[] {
  const places = Array.from({ length: text.length }, (_, at) => at);
  return places.filter((at) => specials.some((special) => text.startsWith(special, at)));
}

/** Where in a text special tokens begin, whole or cut off by its ends. */
function riskyInContent(content: string, specials: readonly string[]): number[] {
  // templates trim what Python takes for white space
  const visible = strip(content);
  const start = visible === '' ? content.length : content.indexOf(visible);
  const end = start + visible.length;
  const at: number[] = [];
  const continued = visible !== '' && specials.some((special) => continues(special, visible));
  const longest = specials.reduce((most, { length }) => Math.max(most, length), 0);
  for (let i = 0; i < content.length; i++) {
    // a token that starts here, whole or cut off by the end of the visible text
    const rest = i < end && end - i < longest ? content.slice(i, end) : '';
    const begins = specials.some(
      (special) => content.startsWith(special, i) || (rest !== '' && special.startsWith(rest)),
    );
    if (begins || (i === start && continued)) at.push(i);
  }
  return at;
}

/** A mark before a space would keep a template from trimming it. */
function firstVisible(text: string, changed: NormalText, place: number): number {
  let at = place;
  while (at + 1 < changed.text.length && /\s/.test(text[changed.origin(at)] ?? '')) at++;
  return changed.origin(at);
}

/** Whether `content` can be the rest of `special`, or lie inside it, its start written before. */
function continues(special: string, content: string): boolean {
  for (let from = 1; from < special.length; from++) {
    const rest = special.slice(from);
    if (content.startsWith(rest) || rest.startsWith(content)) return true;
  }
  return false;
}
