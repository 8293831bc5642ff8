import stringWidth from 'string-width';

/** Columns that a text takes on a terminal: colours take none, CJK and emoji two. */
export const seenWidth = (text: string): number => stringWidth(text);

/** Filled up with blanks to `width` columns; a wider text stays as it is. */
export const padded = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
  const blanks = ' '.repeat(Math.max(0, width - seenWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
};

/** At most `columns` wide, with an ellipsis where something was cut. For text without colours. */
export function shortened(text: string, columns: number): string {
  if (seenWidth(text) <= columns) return text;
  let cut = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (seenWidth(cut + segment) > columns - 1) break;
    cut += segment;
  }
  return columns < 1 ? '' : `${cut}…`;
}

/** Chinese and Japanese, which are broken between any two characters: they have no blanks. */
export const WITHOUT_BLANKS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
