import { SPACE, WORD } from './unicode.ts';
import type { Refuse } from './unsupported.ts';

/**
 * A pattern of a tokenizer.json as JavaScript reads it. There they are written for Oniguruma in
 * Ruby's syntax: classes nest, `^` and `$` stand at every line, `++` never gives back, `(?i:…)` is
 * local, and \s, \w, \d mean Unicode's. What has no counterpart is refused with the pattern.
 */
export function toRegExp(pattern: string, refuse: Refuse, field = 'pattern.Regex'): RegExp {
  const translator = new Translator(pattern);
  try {
    return new RegExp(translator.all(), 'gv');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refuse(field, pattern, `It cannot be read (${why}). Use a tokenizer with plainer patterns.`);
  }
}

const LITERALS: Readonly<Record<string, string>> = {
  n: '\\n',
  r: '\\r',
  t: '\\t',
  f: '\\f',
  v: '\\v',
  a: '\\x07',
  e: '\\x1B',
};

/** By the letter after the backslash; capitals are the others. */
const CLASSES: Readonly<Record<string, string>> = {
  s: SPACE,
  d: '\\p{Nd}',
  w: WORD,
  h: '[0-9A-Fa-f]',
};

/** Names that Oniguruma has of its own, in small letters. */
const NAMED: Readonly<Record<string, string>> = {
  alpha: '\\p{Alphabetic}',
  alnum: '[\\p{Alphabetic}\\p{Nd}]',
  ascii: '[\\x00-\\x7F]',
  blank: '[\\p{Zs}\\t]',
  cntrl: '\\p{Cc}',
  digit: '\\p{Nd}',
  lower: '\\p{Lowercase}',
  graph: '[^\\p{White_Space}\\p{Cc}\\p{Cn}\\p{Cs}]',
  punct: '[\\p{P}\\p{S}]',
  space: SPACE,
  upper: '\\p{Uppercase}',
  word: '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]',
  xdigit: '[0-9A-Fa-f]',
};

/** Letters that are others' without case, beside their small and capital forms. */
const OTHER_CASES: Readonly<Record<string, string>> = { s: '\u017f', k: '\u212a', å: '\u212b' };

class Translator {
  readonly #pattern: string;
  #at = 0;
  #groups = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  all(): string {
    const out = this.#alternatives(false);
    if (this.#at < this.#pattern.length) throw new Error('a bracket too many');
    return out;
  }

  #peek(text: string): boolean {
    return this.#pattern.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    const found = this.#peek(text);
    if (found) this.#at += text.length;
    return found;
  }

  #next(): string {
    const code = this.#pattern.codePointAt(this.#at);
    if (code === undefined) throw new Error('it ends too early');
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #alternatives(anyCase: boolean): string {
    let out = '';
    let ignore = anyCase;
    while (this.#at < this.#pattern.length && !this.#peek(')')) {
      if (this.#take('|')) {
        out += '|';
        continue;
      }
      // a switch alone holds to the end of the group
      const flag = /^\(\?(-?)i\)/.exec(this.#pattern.slice(this.#at));
      if (flag !== null) {
        this.#at += flag[0].length;
        ignore = flag[1] === '';
        continue;
      }
      out += this.#quantified(ignore);
    }
    return out;
  }

  #quantified(anyCase: boolean): string {
    let atom = this.#atom(anyCase);
    for (;;) {
      const counted = /^\{(\d*)(,?)(\d*)\}/.exec(this.#pattern.slice(this.#at));
      const bounded = counted !== null && (counted[1] !== '' || counted[3] !== '');
      let quantifier: string;
      if (bounded) {
        this.#at += counted[0].length;
        quantifier = `{${counted[1] || '0'}${counted[2]}${counted[3]}}`;
      } else if (/[*+?]/.test(this.#pattern[this.#at] ?? '')) {
        quantifier = this.#next();
      } else {
        return atom;
      }
      if (this.#take('?')) atom = this.#whole(`${atom}${quantifier}?`);
      // after a count a plus only repeats, in Ruby's syntax
      else if (!bounded && this.#take('+')) atom = this.#atomic(`${atom}${quantifier}`);
      else atom = this.#whole(`${atom}${quantifier}`);
    }
  }

  /** Only what may be quantified once more needs its group. */
  #whole(quantified: string): string {
    const more = /[*+?{]/.test(this.#pattern[this.#at] ?? '');
    return more ? `(?:${quantified})` : quantified;
  }

  /** Matches as its content would alone and gives nothing back. */
  #atomic(content: string): string {
    const name = `atomic${this.#groups++}`;
    return `(?:(?=(?<${name}>${content}))\\k<${name}>)`;
  }

  #atom(anyCase: boolean): string {
    if (this.#take('(')) return this.#group(anyCase);
    if (this.#take('[')) return this.#class(anyCase);
    const character = this.#next();
    switch (character) {
      case '.':
        return '[^\\n]';
      case '^':
        return '(?<![^\\n])';
      case '$':
        return '(?![^\\n])';
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new Error(`nothing to repeat before ${character}`);
      default:
        return anyCase ? cases(character) : literal(character);
    }
  }

  #group(anyCase: boolean): string {
    for (const opening of ['?:', '?=', '?!', '?<=', '?<!']) {
      if (this.#take(opening)) return this.#closed(`(${opening}`, anyCase);
    }
    if (this.#take('?>')) return this.#atomic(this.#closed('', anyCase, ''));
    if (this.#take('?i:')) return this.#closed('(?:', true);
    if (this.#take('?-i:')) return this.#closed('(?:', false);
    if (this.#peek('?'))
      throw new Error(`a group of the kind (${this.#pattern.slice(this.#at, this.#at + 3)}`);
    return this.#closed('(?:', anyCase);
  }

  #closed(opening: string, anyCase: boolean, closing = ')'): string {
    const content = this.#alternatives(anyCase);
    if (!this.#take(')')) throw new Error('a group without an end');
    return `${opening}${content}${closing}`;
  }

  /** After a backslash, outside a class or in one. */
  #escape(inClass = false): string {
    const letter = this.#next();
    if (letter === 'p' || letter === 'P') return this.#property(letter === 'P');
    if (letter === 'x' || letter === 'u') return this.#codePoint(letter);
    if (letter === 'A') return '(?<![\\s\\S])';
    if (letter === 'z') return '(?![\\s\\S])';
    if (letter === 'Z') return '(?=\\n?(?![\\s\\S]))';
    if (letter === 'R' || letter === 'X' || letter === 'G' || letter === 'K') {
      throw new Error(`the escape \\${letter}`);
    }
    if (letter === 'b') return `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
    if (letter === 'B') return `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;
    if (/[0-9]/.test(letter)) throw new Error('a back reference');
    const small = letter.toLowerCase();
    // in a class Oniguruma keeps to letters, marks, digits and connectors
    if (inClass && small === 'w') return letter === 'w' ? NAMED.word! : `[^${NAMED.word!}]`;
    if (Object.hasOwn(CLASSES, small)) return letter === small ? CLASSES[small]! : `[^${CLASSES[small]!}]`;
    if (Object.hasOwn(LITERALS, letter)) return LITERALS[letter]!;
    if (/[A-Za-z]/.test(letter)) throw new Error(`the escape \\${letter}`);
    return literal(letter);
  }

  #codePoint(letter: 'x' | 'u'): string {
    const rest = this.#pattern.slice(this.#at);
    const found =
      letter === 'x' ? /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{1,2}))/ : /^(?:()([0-9A-Fa-f]{4}))/;
    const match = found.exec(rest);
    if (match === null) throw new Error(`the escape \\${letter} without a number`);
    this.#at += match[0].length;
    return literal(String.fromCodePoint(Number.parseInt(match[1] || match[2]!, 16)));
  }

  #property(negated: boolean): string {
    const match = /^\{(\^?)([\w ]+)\}/.exec(this.#pattern.slice(this.#at));
    if (match === null) throw new Error('a property without a name');
    this.#at += match[0].length;
    const other = negated !== (match[1] === '^');
    const known = property(match[2]!);
    return other ? `[^${known}]` : known;
  }

  /** After its opening bracket. */
  #class(anyCase: boolean): string {
    const negated = this.#take('^');
    const joined: string[] = [];
    // right after the opening a bracket is a character
    let parts = this.#take(']') ? '\\]' : '';
    while (!this.#take(']')) {
      if (this.#take('&&')) {
        joined.push(parts);
        parts = '';
        continue;
      }
      const posix = /^\[:(\^?)(\w+):\]/.exec(this.#pattern.slice(this.#at));
      if (posix !== null) {
        this.#at += posix[0].length;
        const known = property(posix[2]!);
        parts += posix[1] === '^' ? `[^${known}]` : known;
      } else if (this.#take('[')) {
        parts += this.#class(anyCase);
      } else {
        parts += this.#range(anyCase);
      }
    }
    joined.push(parts);
    const content = joined.length === 1 ? joined[0]! : joined.map((part) => `[${part}]`).join('&&');
    return `[${negated ? '^' : ''}${content}]`;
  }

  #range(anyCase: boolean): string {
    const from = this.#member();
    const isRange = this.#peek('-') && !this.#peek('-]') && from.character !== undefined;
    if (!isRange) {
      return anyCase && from.character !== undefined
        ? casesOf(from.character).map(literal).join('')
        : from.written;
    }
    const dash = this.#at;
    this.#at++;
    if (this.#peek('[')) {
      this.#at = dash + 1;
      return `${from.written}\\-`;
    }
    const to = this.#member();
    if (to.character === undefined) return `${from.written}\\-${to.written}`;
    const range = `${from.written}-${to.written}`;
    if (!anyCase) return range;
    const letters = /^[a-zA-Z]$/.test(from.character) && /^[a-zA-Z]$/.test(to.character);
    if (!letters) return range;
    const between = Array.from(
      { length: to.character.charCodeAt(0) - from.character.charCodeAt(0) + 1 },
      (_, i) => String.fromCharCode(from.character!.charCodeAt(0) + i),
    );
    return [...new Set(between.flatMap(casesOf))].map(literal).join('');
  }

  /** A character of a class, or a class in it. */
  #member(): { readonly written: string; readonly character?: string } {
    const character = this.#next();
    if (character !== '\\') return { written: literal(character), character };
    const letter = this.#pattern[this.#at];
    if (letter === 'b') {
      this.#at++;
      return { written: '\\x08', character: '\b' };
    }
    const written = this.#escape(true);
    const single = /^\\?(.)$/su.exec(written);
    const isClass = /^(?:\[|\\p)/.test(written);
    if (isClass) return { written };
    return { written, character: single?.[1] ?? written };
  }
}

/** Letters, digits and the underscore stand for themselves; of the rest some do not, so none is left to. */
function literal(character: string): string {
  if (/[A-Za-z0-9_]/.test(character)) return character;
  const code = character.codePointAt(0)!;
  if (code > 0x7f) return character;
  return /[\^$\\.*+?()[\]{}|/\-!#%&,:;<=>@`~]/.test(character)
    ? `\\${character}`
    : `\\x${code.toString(16).padStart(2, '0')}`;
}

function casesOf(character: string): string[] {
  const small = character.toLowerCase();
  const forms = [character, small, character.toUpperCase(), ...(OTHER_CASES[small] ?? '')];
  return [...new Set(forms.filter((form) => [...form].length === 1))];
}

function cases(character: string): string {
  const forms = casesOf(character).map(literal);
  return forms.length === 1 ? forms[0]! : `[${forms.join('')}]`;
}

/** Unicode's name, a script's, or one of Oniguruma's own. */
function property(name: string): string {
  const own = NAMED[name.toLowerCase()];
  if (own !== undefined) return own;
  const capital = name.slice(0, 1).toUpperCase() + name.slice(1).toLowerCase();
  for (const written of [name, `Script=${name}`, capital, `Script=${capital}`]) {
    try {
      new RegExp(`\\p{${written}}`, 'v');
      return `\\p{${written}}`;
    } catch {
      // another spelling, then
    }
  }
  throw new Error(`the property ${name}`);
}
