import { percentWithin } from '../report/number-format.ts';
import { escaped, page, paragraph, section, tableHtml } from '../report/page.ts';
import type { Table } from '../report/table.ts';
import { bootstrap, median } from '../statistics/bootstrap.ts';
import { wilson } from '../statistics/wilson.ts';
import type { TextReading } from './read-given-text.ts';

/** What one rule did with all texts. */
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

/** How far each rule reads before it rejects. */
export function textTable(arms: readonly ArmReadings[], resamples = 10_000): Table {
  return {
    title: 'How far others’ text is accepted',
    note: 'Accepted in a row: tokens of the given text kept until one is rejected, the mean over all of these runs, 95 % by resampling texts; their median and longest; the share of all tokens kept; and how often the token in which a wrong text goes wrong was kept out (Wilson). After a rejection the text itself goes on, so that every token is judged behind its own author’s words.',
    head: [
      'rule',
      'texts',
      'runs',
      'accepted in a row [95 %]',
      'median',
      'longest',
      'of all tokens',
      'wrong texts',
      'cut at the mistake [95 %]',
    ],
    rows: arms.map(({ arm, readings }) => {
      const runs = readings.flatMap((one) => one.runs);
      const meanOf = (indices: Iterable<number>) => {
        let [tokens, rounds] = [0, 0];
        for (const i of indices) {
          for (const run of readings[i]!.runs) tokens += run;
          rounds += readings[i]!.runs.length;
        }
        return tokens / rounds;
      };
      const { low, high } = bootstrap(readings.length, meanOf, { resamples });
      const marks = readings.map((one) => one.marks).join('');
      const wrong = readings.filter(({ cut }) => cut !== undefined);
      const cut = wrong.filter((one) => one.cut === true).length;
      return [
        arm,
        String(readings.length),
        String(runs.length),
        `${meanOf(readings.keys()).toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`,
        median(runs).toFixed(0),
        String(Math.max(...runs)),
        `${((100 * marks.replace(/[^sa]/g, '').length) / Math.max(1, marks.length)).toFixed(1)} %`,
        String(wrong.length),
        wrong.length === 0 ? '–' : percentWithin(cut / wrong.length, wilson(cut, wrong.length)),
      ];
    }),
  };
}

/** Every text under every rule, in colour: a page of its own. */
export function textPage(
  texts: readonly ShownText[],
  arms: readonly ArmReadings[],
  about: string,
  resamples?: number,
): string {
  return page('Text of others as the draft', [
    '<h1>Text of others as the draft</h1>',
    paragraph(about, 'under'),
    tableHtml(textTable(arms, resamples)),
    section(
      'Texts',
      '<p class="legend"><span class="t s">accepted by standard verification</span> <span class="t a">let in by the rule</span> <span class="t x">rejected</span> <span class="t r">what the target would have written</span> <span class="t wrong">the mistake</span></p>',
      ...texts.slice(0, 24).map((text, index) =>
        textHtml(
          text,
          arms.map(({ arm, readings }) => ({ arm, reading: readings[index]! })),
        ),
      ),
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
