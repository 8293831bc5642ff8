import { openNoun, openTitle, openUnit } from './open-words.ts';
import { sayPattern } from './pattern.ts';
import { pick, type Random } from './random.ts';
import { entry } from './table-lines.ts';
import { COLUMNS, DID, HEADS } from './table-phrases.ts';
import type { Typing } from './typing.ts';

/** A table as it is typed. */
export interface Layout {
  readonly text: string;
  readonly separator: string;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** `item` is what the numbers count. */
export function drawLayout(
  item: string,
  names: readonly string[],
  cells: readonly number[],
  typing: Typing,
  random: Random,
): Layout {
  const rows = (separator: string) => names.map((name, row) => entry(name, separator, cells[row]!));
  const typed = (text: string) => (typing.lower ? text.toLowerCase() : text);
  const stop = (usual: string) => (random() < typing.dropsStops ? '' : usual);
  const way = random();
  if (way < 0.1) {
    const separator = random() < 0.8 ? ' ' : ': ';
    const named = random() < 0.8;
    return { text: `${[...(named ? [item] : []), ...rows(separator)].join(' | ')}\n`, separator };
  }
  if (way < 0.22) {
    const separator = ` ${random() < 0.5 ? 'has' : pick(random, DID)} `;
    const withItem = random();
    const said = rows(separator).map((text, row) => (withItem < 0.5 || row === 0 ? `${text} ${item}` : text));
    const joined = random() < 0.6 || said.length < 3 ? listed(said) : said.join(', ');
    return { text: `${random() < 0.25 ? said.join('. ') : joined}${stop('.')} `, separator };
  }
  const title = () => {
    const slot = (name: string) => (name === 'i' ? item : openTitle(item, random));
    const words = sayPattern(pick(random, HEADS), { slot, tense: 'present', plain: () => false }, random);
    const unit =
      random() < 0.12
        ? pick(random, [` (${openUnit(random)})`, `, ${openUnit(random)}`, ` in ${openUnit(random)}`])
        : '';
    const text = words + unit;
    return typing.lower ? text.toLowerCase() : random() < 0.85 ? capital(text) : text;
  };
  const columns = (link: string) =>
    typed(
      `${random() < 0.5 ? pick(random, COLUMNS) : capital(pick(random, COLUMNS))}${link}${random() < 0.5 ? item : capital(item)}`,
    );
  if (way < 0.27) {
    // As Markdown has it.
    const lines = [
      `| ${columns(' | ')} |`,
      pick(random, ['|---|---|', '| --- | --- |', '|------|------|']),
      ...rows(' | ').map((row) => `| ${row} |`),
    ];
    return { text: `${lines.slice(random() < 0.2 ? 2 : 0).join('\n')}\n`, separator: ' | ' };
  }
  if (way < 0.5) {
    const separator = pick(random, [
      ' ',
      ' ',
      ': ',
      ': ',
      ': ',
      ': ',
      ' = ',
      ' - ',
      ', ',
      ',',
      ' | ',
      '\t',
      '  ',
      ' -> ',
      '=',
    ]);
    const withItem = random() < 0.12 && separator !== ',' && separator !== '\t';
    const bullet = random() < 0.15 && separator !== ' - ' ? pick(random, ['- ', '- ', '* ']) : '';
    const lines = rows(separator).map((row) => `${bullet}${row}${withItem ? ` ${item}` : ''}`);
    const headed = random();
    const head =
      headed < 0.55
        ? [`${title()}${random() < 0.7 ? ':' : ''}`]
        : headed < 0.65 && bullet === ''
          ? [columns(separator === ': ' && random() < 0.5 ? ' | ' : separator)]
          : [];
    return { text: `${[...head, ...lines].join('\n')}\n${random() < 0.2 ? '\n' : ''}`, separator };
  }
  const separator = pick(random, [' ', ' ', ' ', ' ', ' ', ': ', ': ', '=', ' = ', ' - ', ' (', ':', ' -> ']);
  const withItem = random() < 0.1 && separator !== ' (';
  const said = rows(separator).map((row) => (withItem ? `${row} ${item}` : row));
  const link = pick(random, [', ', ', ', ', ', ', ', ', ', ', ', '; ', ' | ', ' / ', ' ', '. ']);
  const joined =
    link === ', ' && random() < 0.2
      ? listed(said)
      : said.join(link === ' ' && separator === ': ' ? ', ' : link);
  const head =
    random() < 0.72
      ? `${title()}${pick(random, [': ', ': ', ': ', ': ', ': ', '. ', ' - ', ', ', ': '])}`
      : '';
  const where =
    random() < 0.05 && head !== ''
      ? `${capital(openNoun(random))} ${head.charAt(0).toLowerCase()}${head.slice(1)}`
      : head;
  return {
    text: `${where}${joined}${random() < typing.dropsStops ? ' ' : random() < 0.2 ? '.\n' : random() < 0.1 ? ' .. ' : '. '}`,
    separator,
  };
}
