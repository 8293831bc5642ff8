import { asTyped, type Found, signed, type Typed } from './clauses.ts';
import { plural, singular } from './things.ts';
import { readNumber } from './typing.ts';
import { known, short as shortOf } from './word-cast.ts';
import type { Start } from './word-clauses.ts';
import { type Holder, type Move, moved, product, type Question } from './word-facts.ts';
import type { Frame } from './word-phrases.ts';

/** What these say is neither had nor done so many times. */
export const NO_ACT =
  /^(?:needs?|needed|wants?|wanted|lacks?|lacked|ow(?:e|es|ed)|requires?|required|miss(?:es|ed)?|costs?|weighs?|weighed|measures?|measured|wish(?:es|ed)?|hopes?|hoped|plans?|planned|is|are|was|were|has|have|had)$/;

/** What is known of a story so far. */
export interface Known {
  readonly frame: Frame;
  readonly price: boolean;
  readonly item: string;
  readonly holders: readonly Holder[];
  readonly moves: readonly Move[];
  readonly values: readonly (number | undefined)[];
  /** Whom a sentence without a name is about. */
  readonly last: number;
  /** What a bare number would do again. */
  readonly again?: '+' | '-';
  readonly questions: readonly Question[];
  /** What is done so many times, as it was said: "sold", "picked up". */
  readonly act?: string;
  /** Something else was done, too, so that "how many did she sell" is not what is known. */
  readonly mixed?: true;
  readonly age: boolean;
  /** Into so many shares all has been made; how many one has will be asked. */
  readonly parts?: number;
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The rest of what was typed, with one character for every form of some words. */
export function withSign(prompt: Typed, from: number, forms: readonly string[], sign: string): Typed {
  const all = [...new Set(forms.map((form) => form.toLowerCase()))]
    .filter((form) => form !== '')
    .sort((a, b) => b.length - a.length);
  if (all.length === 0) return signed(prompt, from, /(?!)/g, () => sign);
  const words = new RegExp(
    String.raw`(?<![\p{L}\p{N}-])(?:${all.map(literally).join('|')})(?![\p{L}\p{N}-])`,
    'giu',
  );
  return signed(prompt, from, words, () => sign);
}

export const formsOfItem = (item: string): readonly string[] => {
  const short = shortOf(item);
  return [item, short, singular(item), singular(short)];
};

export function formsOfHolder({ name, frame }: Holder): readonly string[] {
  if (name === undefined) return [];
  const bare = name.toLowerCase().replace(/^the /, '');
  const called =
    /^(?:my|our|his|her|their|mr|mrs|ms|dr|aunt|uncle|captain|coach|mum|dad|grandma|grandpa|king|queen|pirate) (.+)$/.exec(
      bare,
    )?.[1];
  // "her cousin Dev" is "Dev" from then on.
  const own = /^\p{Ll}.* (\p{Lu}\p{Ll}+)$/u.exec(name)?.[1];
  return [
    name,
    `the ${bare}`,
    ...(frame === 'place' || name.toLowerCase().startsWith('the ') ? [`a ${bare}`, `an ${bare}`] : []),
    bare,
    ...(called === undefined ? [] : [`the ${called}`]),
    ...(own === undefined ? [] : [own]),
  ];
}

/** Who has the things, and how solutions call them; nothing where it can be no holder. */
export function holderOf(said: string, frame: Frame, whole: string): Holder | undefined {
  const word = said.toLowerCase();
  if (frame === 'place') return /^(?:the|a|an|my|our) /.test(word) ? { frame, name: known(word) } : undefined;
  if (/^(i|we|you|my|our|your)$/.test(word)) return { frame };
  const article = /^(?:the|an?|my|our|his|her|their) /i.test(whole);
  return { frame, name: known(article ? whole.charAt(0).toLowerCase() + whole.slice(1) : whole) };
}

/** What is counted, in the plural: "1 pen" counts pens. */
const itemOf = (said: string, count: number): string =>
  count === 1 && !said.endsWith('s') ? plural(said) : said;

/** What the words between who and how many say is done: nothing where it is only had. */
function actOf(prompt: Typed, from: number, to: number): string | undefined {
  const said = prompt.text.slice(from, to).trim().toLowerCase();
  // "is given 12"
  if (/^(?:is|was|are|were|am) /.test(said)) return undefined;
  const bare = said
    .replace(/^(?:has|have|had|will) (?=\p{L})/u, '')
    .replace(/ (?:exactly|about|already|another)$/, '');
  return /^(?:has|have|had|is|are|was|were|owns?|owned|holds?|held|keeps?|kept|got|start\w*|begin\w*|began|possess\w*|with)\b|[,:(]/.test(
    bare,
  ) || bare === ''
    ? undefined
    : bare;
}

/** Where a thing is named twice it is one: "5 packs of pencils. Each pack has 12 pencils". */
const sameThing = (named: Found<Start>['slots'][string] | undefined): boolean => {
  const [first, ...others] = (named ?? []).map(({ text }) => singular(shortOf(text)));
  return others.every((other) => other === first);
};

/** The start of a story; its holder and first move. */
export function beginning(prompt: Typed, match: Found<Start>): Known | undefined {
  const { frame, kind, asks, forward } = match.meaning;
  const { o, O, i, n, a, act } = match.slots;
  const count = n ?? (kind === 'packs' ? a : undefined);
  const who = o?.[0] ?? O?.[0];
  const said = match.meaning.item ?? i?.at(-1)?.text ?? (forward?.only === 'age' ? 'years' : undefined);
  if (said === undefined || !sameThing(i)) return undefined;
  if (act !== undefined && NO_ACT.test(act[0]!.text)) return undefined;
  // "There are 12 pens." has no owner, and stories go on without one.
  const name = who?.text.replace(/'s?$/, '') ?? 'i';
  const holder =
    who === undefined && frame === 'place'
      ? { frame }
      : holderOf(name, frame, who === undefined ? name : asTyped(prompt, who.from, name.length));
  if (holder === undefined) return undefined;
  const done =
    frame === 'person' && kind !== 'price' && kind !== 'age' && o !== undefined && count !== undefined
      ? actOf(prompt, o[0]!.from + o[0]!.text.length, count[0]!.from)
      : undefined;
  if (kind === 'act' && done === undefined) return undefined;
  // Whoever buys packs buys what is in them; of other deeds that was not tried.
  const bought = kind !== 'packs' || /\b(?:buys?|bought)$/.test(done ?? '');
  const known: Known = {
    frame,
    price: kind === 'price',
    item: itemOf(said, n === undefined || match.meaning.item !== undefined ? 0 : readNumber(n[0]!.text)),
    holders: [holder],
    moves: [],
    values: [undefined],
    last: 0,
    questions: [],
    age: kind === 'age' || forward?.only === 'age',
    ...(done === undefined || !bought ? {} : { act: done }),
  };
  if (forward !== undefined) return forwarded(prompt, match, forward, known);
  const move = startMove(match, 0);
  return {
    ...known,
    moves: [move],
    values: moved(move, [undefined]) ?? [Number.NaN],
    ...(kind === 'plain' || kind === 'act' || kind === 'none' ? { again: '+' as const } : {}),
    ...(asks === true ? { questions: [{ kind: 'now' as const, who: 0 }] } : {}),
  };
}

/** "Tom has 5 more pens than Ann. Ann has 12." */
function forwarded(
  prompt: Typed,
  { slots }: Found<Start>,
  { operation, by }: NonNullable<Start['forward']>,
  known: Known,
): Known | undefined {
  const [one, again] = slots.o2 ?? [];
  if (one === undefined || again === undefined || one.text !== again.text) return undefined;
  const base = holderOf(one.text, 'person', asTyped(prompt, one.from, one.text.length));
  if (base?.name === undefined || known.holders[0]!.name === undefined) return undefined;
  const moves: readonly Move[] = [
    { kind: 'start', who: 1, by: readNumber(slots.b![0]!.text) },
    { kind: 'compare', who: 0, of: 1, operation, by: by ?? readNumber(slots.n![0]!.text) },
  ];
  const values = moves.reduce<readonly (number | undefined)[] | undefined>(
    (now, move) => now && moved(move, now),
    [undefined, undefined],
  );
  return {
    ...known,
    holders: [known.holders[0]!, base],
    moves,
    values: values ?? [Number.NaN, Number.NaN],
    last: 1,
  };
}

export function startMove({ meaning, slots }: Found<Start>, who: number): Move & { readonly kind: 'start' } {
  if (meaning.kind === 'none') return { kind: 'start', who, by: 0 };
  if (slots.n !== undefined) return { kind: 'start', who, by: readNumber(slots.n[0]!.text) };
  const packs = [readNumber(slots.a![0]!.text), readNumber(slots.b![0]!.text)] as const;
  return { kind: 'start', who, by: product(packs) ?? Number.NaN, packs };
}
