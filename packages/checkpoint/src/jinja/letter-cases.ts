import { NotSupported } from './errors.ts';

/** Letters whose form in titles is not their capital, each with that form behind it. */
const TITLE_FORMS = new Map(
  [
    'ßSs Ǆǅ ǅǅ ǆǅ Ǉǈ ǈǈ ǉǈ Ǌǋ ǋǋ ǌǋ Ǳǲ ǲǲ ǳǲ ևԵւ ᾀᾈ ᾁᾉ ᾂᾊ ᾃᾋ ᾄᾌ ᾅᾍ ᾆᾎ ᾇᾏ ᾈᾈ ᾉᾉ ᾊᾊ ᾋᾋ ᾌᾌ ᾍᾍ ᾎᾎ ᾏᾏ ᾐᾘ ᾑᾙ ᾒᾚ',
    'ᾓᾛ ᾔᾜ ᾕᾝ ᾖᾞ ᾗᾟ ᾘᾘ ᾙᾙ ᾚᾚ ᾛᾛ ᾜᾜ ᾝᾝ ᾞᾞ ᾟᾟ ᾠᾨ ᾡᾩ ᾢᾪ ᾣᾫ ᾤᾬ ᾥᾭ ᾦᾮ ᾧᾯ ᾨᾨ ᾩᾩ ᾪᾪ ᾫᾫ ᾬᾬ ᾭᾭ ᾮᾮ ᾯᾯ ᾲᾺͅ ᾳᾼ ᾴΆͅ',
    'ᾷᾼ͂ ᾼᾼ ῂῊͅ ῃῌ ῄΉͅ ῇῌ͂ ῌῌ ῲῺͅ ῳῼ ῴΏͅ ῷῼ͂ ῼῼ ﬀFf ﬁFi ﬂFl ﬃFfi ﬄFfl ﬅSt ﬆSt ﬓՄն ﬔՄե ﬕՄի ﬖՎն ﬗՄխ',
  ]
    .join(' ')
    .split(' ')
    .map((pair): [string, string] => [[...pair][0]!, [...pair].slice(1).join('')]),
);

const CASED = /\p{Cased}/u;
const IGNORED = /\p{Case_Ignorable}/u;

export const isUpperLetter = (character: string): boolean => /\p{Uppercase}/u.test(character);
export const isLowerLetter = (character: string): boolean => /\p{Lowercase}/u.test(character);
export const isTitleLetter = (character: string): boolean => /\p{Lt}/u.test(character);
const isCasedLetter = (character: string) =>
  isUpperLetter(character) || isLowerLetter(character) || isTitleLetter(character);

function titleForm(character: string): string {
  // Georgian has capitals, but not in titles
  if (character >= '\u10d0' && character <= '\u10ff') return character;
  return TITLE_FORMS.get(character) ?? character.toUpperCase();
}

/** A sigma at a word's end is written otherwise. */
function lowerAt(letters: readonly string[], at: number): string {
  const letter = letters[at]!;
  if (letter !== '\u03a3') return letter.toLowerCase();
  let before = at - 1;
  while (before >= 0 && IGNORED.test(letters[before]!)) before--;
  let after = at + 1;
  while (after < letters.length && IGNORED.test(letters[after]!)) after++;
  const isFinal =
    before >= 0 && CASED.test(letters[before]!) && !(after < letters.length && CASED.test(letters[after]!));
  return isFinal ? '\u03c2' : '\u03c3';
}

/** `str.title`: every run of letters begins with a capital. */
export function titleCase(text: string): string {
  const letters = [...text];
  let isInWord = false;
  return letters
    .map((letter, i) => {
      const written = isInWord ? lowerAt(letters, i) : titleForm(letter);
      isInWord = isCasedLetter(letter);
      return written;
    })
    .join('');
}

/** `str.capitalize`. */
export function capitalize(text: string): string {
  const letters = [...text];
  return letters.map((letter, i) => (i === 0 ? titleForm(letter) : lowerAt(letters, i))).join('');
}

export function swapCase(text: string): string {
  const letters = [...text];
  return letters
    .map((letter, i) => {
      if (isUpperLetter(letter)) return lowerAt(letters, i);
      return isLowerLetter(letter) ? letter.toUpperCase() : letter;
    })
    .join('');
}

/** `str.istitle`. */
export function isTitleCase(text: string): boolean {
  let isInWord = false;
  let hasLetter = false;
  for (const letter of text) {
    const isHigh = isUpperLetter(letter) || isTitleLetter(letter);
    const isLow = isLowerLetter(letter);
    if ((isHigh && isInWord) || (isLow && !isInWord)) return false;
    isInWord = isHigh || isLow;
    hasLetter ||= isInWord;
  }
  return hasLetter;
}

/** `str.casefold`, for the letters whose folded form JavaScript can tell. */
export function casefold(text: string): string {
  const unknown = [...text].find(
    (letter) =>
      /[\u13a0-\u13ff\uab70-\uabbf\u1e9e]/.test(letter) ||
      letter.toUpperCase().toLowerCase() !== letter.toLowerCase(),
  );
  if (unknown === undefined) return text.toLowerCase().replaceAll('\u03c2', '\u03c3');
  if (unknown === '\u00df') return casefold(text.replaceAll('\u00df', 'ss'));
  throw new NotSupported(`casefold of ${unknown}`);
}

/** Numerals that `str.isdigit` knows beyond decimal digits. */
const OTHER_DIGITS =
  /[\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{10a40}-\u{10a43}\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}]/u;
/** Ideographs that stand for numbers. */
const NUMBER_IDEOGRAPHS =
  /[\u3405\u3483\u382a\u3b4d\u4e00\u4e03\u4e07\u4e09\u4e5d\u4e8c\u4e94\u4e96\u4ebf-\u4ec0\u4edf\u4ee8\u4f0d\u4f70\u5104\u5146\u5169\u516b\u516d\u5341\u5343-\u5345\u534c\u53c1-\u53c4\u56db\u58f1\u58f9\u5e7a\u5efe-\u5eff\u5f0c-\u5f0e\u5f10\u62fe\u634c\u67d2\u6f06\u7396\u767e\u8086\u842c\u8cae\u8cb3\u8d30\u9621\u9646\u964c\u9678\u96f6\uf96b\uf973\uf978\uf9b2\uf9d1\uf9d3\uf9fd\u{20001}\u{20064}\u{200e2}\u{20121}\u{2092a}\u{20983}\u{2098c}\u{2099c}\u{20aea}\u{20afd}\u{20b19}\u{22390}\u{22998}\u{23b1b}\u{2626d}\u{2f890}]/u;

export const isDecimal = (character: string): boolean => /\p{Nd}/u.test(character);
export const isDigit = (character: string): boolean => isDecimal(character) || OTHER_DIGITS.test(character);
export const isNumber = (character: string): boolean =>
  /\p{N}/u.test(character) || NUMBER_IDEOGRAPHS.test(character);
export const isAlpha = (character: string): boolean => /\p{L}/u.test(character);
