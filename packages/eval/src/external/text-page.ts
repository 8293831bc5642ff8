import { percentWithin } from '../report/number-format.ts';
import { escaped, page, paragraph, section, tableHtml } from '../report/page.ts';
import type { Table } from '../report/table.ts';
import { bootstrap, median } from '../statistics/bootstrap.ts';
import { wilson } from '../statistics/wilson.ts';
import type { TextReading } from './read-given-text.ts';

/** What one rule did with all texts of an author. */
export interface ArmReadings {
  readonly arm: string;
  readonly readings: readonly TextReading[];
}

/** One text for the page. */
export interface ShownText {
  readonly id: string;
  readonly question: string;
  readonly pieces: readonly string[];
  readonly mistakeAt: number | undefined;
}

/** The texts of one author, and how each rule read them, in the same order. */
export interface AuthorReadings {
  readonly author: string;
  readonly texts: readonly ShownText[];
  readonly arms: readonly ArmReadings[];
}

/** How far each rule reads before it rejects: right texts; and whether it stops at the mistakes of wrong ones. */
export function textTable(authors: readonly AuthorReadings[], resamples = 10_000): Table {
  return {
    title: 'How far others’ text is accepted',
    note: 'Accepted in a row: tokens of the texts without a mistake that are kept until one is rejected, the mean over all of these runs, 95 % by resampling texts; the same as a multiple of strict verification’s; their median and longest; the share of all tokens kept. After a rejection the text itself goes on, so that every token is judged behind its own author’s words. Below the floor: of the rejected tokens, those that the target finds so unlikely that no rule may let them in. Wrong texts: how often the token in which a text goes wrong was kept out (Wilson).',
    head: [
      'author, rule',
      'right texts',
      'accepted in a row [95 %]',
      'x strict [95 %]',
      'median',
      'longest',
      'of all tokens',
      'below the floor',
      'wrong texts',
      'cut at the mistake [95 %]',
    ],
    rows: authors.flatMap(({ author, arms }) => {
      const strict = arms.find(({ arm }) => arm === 'strict')?.readings;
      return arms.map(({ arm, readings }) => [
        `${author}, ${arm}`,
        ...rightTexts(readings, arm === 'strict' ? undefined : strict, resamples),
        ...wrongTexts(readings),
      ]);
    }),
  };
}

const DASH = '–';
const isRight = ({ cut }: TextReading): boolean => cut === undefined;

function rightTexts(
  all: readonly TextReading[],
  strict: readonly TextReading[] | undefined,
  resamples: number,
): readonly string[] {
  const right = [...all.keys()].filter((index) => isRight(all[index]!));
  if (right.length === 0) return ['0', ...Array<string>(6).fill(DASH)];
  const readings = right.map((index) => all[index]!);
  const others = strict === undefined ? undefined : right.map((index) => strict[index]!);
  const within = (statistic: (indices: Iterable<number>) => number, unit: string) => {
    const { low, high } = bootstrap(right.length, statistic, { resamples });
    // where strict verification accepts nothing there is no multiple of it
    if (!Number.isFinite(statistic(right.keys()))) return DASH;
    return `${statistic(right.keys()).toFixed(1)}${unit}${Number.isFinite(high) ? ` [${low.toFixed(1)}, ${high.toFixed(1)}]` : ''}`;
  };
  const runs = readings.flatMap((one) => one.runs);
  const marks = readings.map((one) => one.marks).join('');
  const rejected = marks.replace(/[^x]/g, '').length;
  const below = readings.reduce((sum, one) => sum + one.belowFloor, 0);
  const asked = marks.includes('a') || below > 0;
  return [
    String(right.length),
    within((indices) => meanRun(readings, indices), ''),
    others === undefined
      ? DASH
      : within((indices) => {
          const drawn = [...indices];
          return meanRun(readings, drawn) / meanRun(others, drawn);
        }, 'x'),
    median(runs).toFixed(0),
    String(Math.max(...runs)),
    `${(100 * (1 - rejected / Math.max(1, marks.length))).toFixed(1)} %`,
    asked && rejected > 0 ? `${((100 * below) / rejected).toFixed(0)} %` : DASH,
  ];
}

/** Tokens over runs, of the readings named. */
function meanRun(readings: readonly TextReading[], indices: Iterable<number>): number {
  let [tokens, runs] = [0, 0];
  for (const i of indices) {
    for (const run of readings[i]!.runs) tokens += run;
    runs += readings[i]!.runs.length;
  }
  return tokens / runs;
}

function wrongTexts(readings: readonly TextReading[]): readonly string[] {
  const wrong = readings.filter((one) => !isRight(one));
  const cut = wrong.filter((one) => one.cut === true).length;
  return [
    String(wrong.length),
    wrong.length === 0 ? DASH : percentWithin(cut / wrong.length, wilson(cut, wrong.length)),
  ];
}

/** Texts of an author that the page shows. */
const SHOWN = 12;

/** Every text under every rule, in colour: a page of its own. */
export function textPage(authors: readonly AuthorReadings[], about: string, resamples?: number): string {
  const shown = authors.flatMap(({ author, texts, arms }) => [
    authors.length === 1 ? '' : `<h3>${escaped(author)}</h3>`,
    ...texts.slice(0, SHOWN).map((text, index) =>
      textHtml(
        text,
        arms.map(({ arm, readings }) => ({ arm, reading: readings[index]! })),
      ),
    ),
  ]);
  return page('Text of others as the draft', [
    '<h1>Text of others as the draft</h1>',
    paragraph(about, 'under'),
    tableHtml(textTable(authors, resamples)),
    section(
      'Texts',
      '<p class="legend"><span class="t s">accepted by standard verification</span> <span class="t a">let in by the rule</span> <span class="t x">rejected</span> <span class="t r">what the target would have written</span> <span class="t wrong">the mistake</span></p>',
      ...shown,
    ),
  ]);
}

function textHtml(
  { id, question, pieces, mistakeAt }: ShownText,
  arms: readonly { readonly arm: string; readonly reading: TextReading }[],
): string {
  const columns = arms.map(({ arm, reading }) => {
    const written = new Map<number, number>();
    for (const { before } of reading.written) written.set(before, (written.get(before) ?? 0) + 1);
    const html = pieces.map((piece, at) => {
      const mark = reading.marks[at] ?? '-';
      const kind = mark === '-' ? 'n' : mark;
      const own = written.has(at) ? '<span class="t r" title="written by the target">·</span>' : '';
      return `${own}<span class="t ${kind}${at === mistakeAt ? ' wrong' : ''}">${escaped(piece)}</span>`;
    });
    const rounds = reading.runs.length;
    return `<div><h3>${escaped(arm)}: ${rounds} ${rounds === 1 ? 'run' : 'runs'}</h3><p class="tokens">${html.join('')}</p></div>`;
  });
  return `<details><summary>${escaped(id)}${mistakeAt === undefined ? '' : ', with a mistake'}</summary><blockquote>${escaped(question)}</blockquote><div class="pair">${columns.join('')}</div></details>`;
}
