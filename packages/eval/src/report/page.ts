import type { Example, MarkedText } from './examples.ts';
import type { Table } from './table.ts';

/** Text as HTML shows it; `code` in backticks. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

/** A page of its own: no script, nothing from elsewhere. */
export const page = (title: string, body: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body.join('\n')}
</main>
</body>
</html>
`;

/** A heading and what stands below it; the parts are HTML, the title is text. */
export const section = (title: string, ...parts: readonly string[]): string =>
  `<section><h2>${prose(title)}</h2>\n${parts.join('\n')}</section>`;

/** A paragraph of text, of a class of its own where one is given. */
export const paragraph = (text: string, kind = ''): string =>
  `<p${kind === '' ? '' : ` class="${kind}"`}>${prose(text)}</p>`;

/** The wide form for pages, the narrow one for phones: letters stay legible in both. */
export const figure = (wide: string | undefined, narrow: string | undefined, caption: string): string =>
  wide === undefined || narrow === undefined
    ? ''
    : `<figure><div class="wide">${wide}</div><div class="narrow">${narrow}</div><figcaption>${prose(caption)}</figcaption></figure>`;

/** A table, its first column as headings of the rows. */
export const tableHtml = (table: Table): string => foldedTableHtml(table, () => true);

/** A table whose less important rows are folded in behind the others. */
export function foldedTableHtml(
  { title, note, head, rows }: Table,
  isShown: (name: string) => boolean,
): string {
  const shown = rows.filter(([name = '']) => isShown(name));
  const folded = rows.filter(([name = '']) => !isShown(name));
  return section(
    title,
    rowsHtml(title, head, shown),
    folded.length === 0
      ? ''
      : `<details class="more"><summary>${folded.length} further arms, on fewer problems</summary>${rowsHtml(`${title}, further arms`, head, folded)}</details>`,
    paragraph(note, 'note'),
  );
}

function rowsHtml(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map(
    ([name = '', ...rest]) =>
      `<tr><th scope="row">${escaped(name)}</th>${rest.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escaped(title)}"><table><thead><tr>${head.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')}</tr></thead>\n<tbody>${cells.join('\n')}</tbody></table></div>`;
}

/** Figures that a reader should take away, large. */
export const tiles = (figures: readonly Tile[]): string =>
  figures.length === 0
    ? ''
    : `<div class="tiles">${figures.map(({ label, value, note }) => `<div><span>${prose(label)}</span><strong>${escaped(value)}</strong><span>${prose(note)}</span></div>`).join('')}</div>`;

export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

const SAID: Readonly<Record<string, string>> = {
  s: 'standard verification',
  a: 'let in by the rule alone',
  r: 'written by the target at a rejection',
  b: 'written by the target after a whole draft',
};

export const legend = (): string =>
  `<p class="legend">${Object.entries(SAID)
    .map(([mark, said]) => `<span class="t ${mark}">${said}</span>`)
    .join(' ')}</p>`;

export function exampleHtml({
  problem,
  arm,
  draftLength,
  question,
  plain,
  text,
  differsAt,
}: Example): string {
  const verdict = (correct: boolean | null) => (correct === null ? '' : correct ? ', right' : ', wrong');
  return `<details><summary><code>${escaped(arm)}/${draftLength}</code> on ${escaped(problem)}${verdict(text.correct)}; plain decoding${verdict(plain.correct)}; they part at token ${differsAt}</summary>
<blockquote>${escaped(question)}</blockquote>
<div class="pair"><div><h3>plain</h3>${tokensHtml({ ...plain, marks: '' }, differsAt)}</div><div><h3>${escaped(arm)}</h3>${tokensHtml(text, differsAt)}</div></div></details>`;
}

/** Runs of one source are one element: a page of a thousand tokens stays small. */
function tokensHtml({ pieces, marks }: MarkedText, differsAt: number): string {
  let html = '';
  let at = 0;
  while (at < pieces.length) {
    const mark = marks[at] ?? 's';
    const after = at >= differsAt;
    let end = at + 1;
    while (end < pieces.length && (marks[end] ?? 's') === mark && end >= differsAt === after) end++;
    const run = escaped(pieces.slice(at, end).join(''));
    html += `<span class="t ${mark}${after ? ' after' : ''}">${run}</span>`;
    at = end;
  }
  return `<p class="tokens">${html}</p>`;
}

const STYLE = `
:root { --paper: #fff; --ink: #1a202c; --soft: #5a6675; --line: #dde3ea; --tint: #f4f6f9;
  --series-0: #1b6ca8; --series-1: #c2502f; --series-2: #2f7d44; --series-3: #7552a8; --series-4: #9a6700;
  --series-5: #0f766e; --series-6: #a31d5d; --series-7: #4d6b1f;
  --series-8: #7c4a2d; --series-9: #4553b0; --series-10: #8a3f8f; --series-11: #3f6470;
  --admitted: #d3efd8; --admitted-ink: #14532d; --target: #fdecc0; --target-ink: #713f12; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161c; --ink: #e6eaf0; --soft: #9aa7b8; --line: #2b3440; --tint: #1a2029;
  --series-0: #6cb6f5; --series-1: #f58d6c; --series-2: #6fcf8a; --series-3: #b998f0; --series-4: #e3b341;
  --series-5: #4fd1c5; --series-6: #f37fb3; --series-7: #a9cf6a;
  --series-8: #d8a384; --series-9: #98a6ff; --series-10: #df9be4; --series-11: #94bfcc;
  --admitted: #17402a; --admitted-ink: #b7f0c8; --target: #4a3a10; --target-ink: #fbe29a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 2.25rem 1.5rem 5rem; }
h1 { font-size: 2rem; line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 0.35rem; }
h2 { font-size: 1.2rem; letter-spacing: -0.01em; margin: 3rem 0 0.6rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 0.95rem; margin: 0.75rem 0 0.25rem; color: var(--soft); font-weight: 600; }
p { margin: 0.5rem 0; max-width: 46rem; }
.under { color: var(--soft); margin-top: 0; }
.verdict { margin: 1.25rem 0 1.75rem; } .verdict p { font-size: 1.06rem; max-width: 50rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.75rem; margin: 1.5rem 0; }
.tiles div { background: var(--tint); border-radius: 10px; padding: 0.9rem 1rem; display: flex; flex-direction: column; gap: 0.1rem; }
.tiles span { color: var(--soft); font-size: 0.86rem; line-height: 1.35; } .tiles strong { font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.02em; font-weight: 650; font-variant-numeric: tabular-nums; }
.note, figcaption { color: var(--soft); font-size: 0.86rem; max-width: 46rem; }
code { font: 0.92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--tint); padding: 0.05em 0.3em; border-radius: 4px; overflow-wrap: anywhere; }
pre { background: var(--tint); padding: 0.75rem; border-radius: 6px; overflow-x: auto; font-size: 0.86rem; }
pre code { background: none; padding: 0; white-space: pre; }
.scroll { overflow-x: auto; margin: 0.5rem 0; }
table { border-collapse: collapse; font-size: 0.86rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); padding-left: 0; }
tbody tr:hover > * { background: var(--tint); }
.more { border: 0; } .more summary { color: var(--soft); font-size: 0.86rem; }
figure { margin: 1rem 0; }
.plot { display: block; overflow: visible; font-size: 12px; width: 100%; height: auto; color: var(--ink); --plot-background: var(--paper); }
.narrow { display: none; }
@media (max-width: 40rem) { .wide { display: none; } .narrow { display: block; } main { padding: 1.25rem 1rem 3rem; } h1 { font-size: 1.5rem; } h2 { margin-top: 2.25rem; } .tiles { grid-template-columns: 1fr 1fr; } .tiles strong { font-size: 1.35rem; } }
details { border-top: 1px solid var(--line); padding: 0.5rem 0; } summary { cursor: pointer; }
blockquote { margin: 0.5rem 0; padding-left: 0.8rem; border-left: 3px solid var(--line); color: var(--soft); white-space: pre-wrap; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem 1.5rem; }
.tokens { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.92rem; }
.t.a { background: var(--admitted); color: var(--admitted-ink); border-radius: 3px; text-decoration: underline dotted; text-underline-offset: 3px; }
.t.r, .t.b { background: var(--target); color: var(--target-ink); border-radius: 3px; }
.t.x { text-decoration: line-through; color: var(--series-1); } .t.n { opacity: 0.5; } .t.wrong { outline: 2px solid var(--series-1); border-radius: 3px; }
.legend .t { display: inline-block; line-height: 1.5; padding: 0.05em 0.4em; margin-right: 0.4em; } .legend { font-size: 0.86rem; line-height: 2; }
ul { padding-left: 1.2rem; } li { margin: 0.25rem 0; max-width: 46rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; font-size: 0.9rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
`;
