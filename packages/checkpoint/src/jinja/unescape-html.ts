import { NotSupported } from './errors.ts';

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '\u00a9',
  reg: '\u00ae',
  raquo: '\u00bb',
  laquo: '\u00ab',
  mdash: '\u2014',
  ndash: '\u2013',
  hellip: '\u2026',
};

/** The entities that text in templates has; the two thousand others are refused by name. */
export const unescapeHtml = (text: string): string =>
  text.replace(/&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z][A-Za-z0-9]*;?)/g, (whole, entity: string) => {
    if (entity.startsWith('#')) return numbered(whole, entity);
    const character =
      entity.endsWith(';') && Object.hasOwn(NAMED, entity.slice(0, -1))
        ? NAMED[entity.slice(0, -1)]
        : undefined;
    if (character === undefined) throw new NotSupported(`the HTML entity ${whole}`);
    return character;
  });

function numbered(whole: string, entity: string): string {
  const digits = entity.slice(1).replace(';', '');
  const code = /^[xX]/.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number(digits);
  const isPlain =
    (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0xd800) || (code > 0xdfff && code <= 0x10ffff);
  if (!isPlain) throw new NotSupported(`the HTML entity ${whole}`);
  return String.fromCodePoint(code);
}
