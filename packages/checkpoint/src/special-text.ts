import { strip } from './jinja/python-space.ts';

/**
 * Finds special tokens in text, leftmost first and the longest of those that start there, as
 * tokenizers do, and keeps those that a template wrote apart from those in what a user wrote.
 * The latter carry an escape mark: a character before another that then begins no special token.
 */
export interface SpecialText {
  /** Replaces the special tokens in `text` and takes the marks out, those after a mark untouched. */
  replace(text: string, replacement: (special: string) => string, mark?: string): string;
  /**
   * Escapes `content` so that no special token can be read in it nor across its ends, whatever a
   * template writes before and after, and also where it trims the content.
   */
  escapeContent(content: string, mark: string): string;
  /** Escapes only whole special tokens, for names from which a template builds special tokens. */
  escapeWhole(text: string, mark: string): string;
}

const quoted = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

export function specialText(specials: readonly string[]): SpecialText {
  const longestFirst = [...specials].sort((a, b) => b.length - a.length).map(quoted);
  const pattern = (mark: string | undefined) => {
    const choices = mark === undefined ? longestFirst : [`${quoted(mark)}[\\s\\S]?`, ...longestFirst];
    return choices.length === 0 ? /(?!)/g : new RegExp(choices.join('|'), 'g');
  };
  const escapeAt = (text: string, mark: string, isRisky: (at: number) => boolean): string => {
    let out = '';
    for (let i = 0; i < text.length; i++) out += isRisky(i) ? mark + text[i] : text[i];
    return out;
  };
  return {
    replace: (text, replacement, mark) =>
      text.replace(pattern(mark), (found) =>
        mark !== undefined && found.startsWith(mark) ? found.slice(mark.length) : replacement(found),
      ),
    escapeWhole: (text, mark) =>
      escapeAt(text, mark, (at) => specials.some((special) => text.startsWith(special, at))),
    escapeContent(content, mark) {
      // templates trim what Python takes for white space
      const visible = strip(content);
      const start = visible === '' ? content.length : content.indexOf(visible);
      const end = start + visible.length;
      const continued = visible !== '' && specials.some((special) => continues(special, visible));
      return escapeAt(content, mark, (at) => {
        if (at === start && continued) return true;
        // a token that starts here, whole or cut off by the end of the visible text
        const rest = at < end ? content.slice(at, end) : '';
        return specials.some(
          (special) => content.startsWith(special, at) || (rest !== '' && special.startsWith(rest)),
        );
      });
    },
  };
}

/** Whether `content` can be the rest of `special`, or lie inside it, its start written before. */
function continues(special: string, content: string): boolean {
  for (let from = 1; from < special.length; from++) {
    const rest = special.slice(from);
    if (content.startsWith(rest) || rest.startsWith(content)) return true;
  }
  return false;
}
