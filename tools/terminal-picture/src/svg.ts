import type { Colour, Run } from './ansi.ts';

/** A character's cell. Every run is stretched to whole cells, so columns align in any font. */
const CELL = { width: 8.4, height: 20 } as const;
const FONT_SIZE = 14;
const PADDING = 24;
const TITLE_BAR = 40;

const GROUND = '#0d1117';
const FRAME = '#30363d';
const TEXT = '#e6edf3';
const DIM = '#8b949e';
const PALETTE: Readonly<Record<Colour, string>> = {
  black: '#484f58',
  red: '#ff7b72',
  green: '#3fb950',
  yellow: '#e3b341',
  blue: '#58a6ff',
  magenta: '#bc8cff',
  cyan: '#39c5cf',
  white: '#e6edf3',
};

/** A terminal window with these lines in it. */
export function terminalSvg(lines: readonly (readonly Run[])[], title: string): string {
  const columns = Math.max(40, ...lines.map((line) => line.reduce((sum, { text }) => sum + text.length, 0)));
  const width = Math.ceil(columns * CELL.width + 2 * PADDING);
  const height = TITLE_BAR + lines.length * CELL.height + PADDING;
  const rows = lines.map((line, index) => row(line, TITLE_BAR + (index + 0.75) * CELL.height));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${GROUND}" stroke="${FRAME}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, index) => `<circle cx="${20 + 20 * index}" cy="20" r="6" fill="${fill}"/>`,
    ),
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}" fill="${TEXT}" xml:space="preserve">`,
    `<text x="${width / 2}" y="25" text-anchor="middle" fill="${DIM}">${escaped(title)}</text>`,
    ...rows.flat(),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function row(line: readonly Run[], y: number): readonly string[] {
  let column = 0;
  return line.flatMap((run) => {
    const start = column;
    column += run.text.length;
    const before = run.text.length - run.text.trimStart().length;
    const text = run.text.trim();
    if (text === '') return [];
    const x = PADDING + (start + before) * CELL.width;
    const width = text.length * CELL.width;
    const fill =
      run.colour === undefined ? (run.dim ? ` fill="${DIM}"` : '') : ` fill="${PALETTE[run.colour]}"`;
    const weight = run.bold ? ' font-weight="700"' : '';
    const written = `<text x="${round(x)}" y="${round(y)}" textLength="${round(width)}" lengthAdjust="spacingAndGlyphs"${fill}${weight}>${escaped(text.replaceAll(/ {2,}/g, (run) => '\u00a0'.repeat(run.length)))}</text>`; // browsers draw a run of spaces as one
    if (!run.underline) return [written];
    // drawn by hand: renderers disagree about underlines of stretched text
    const stroke = run.colour === undefined ? TEXT : PALETTE[run.colour];
    const under = round(y + 3.5);
    return [
      written,
      `<line x1="${round(x)}" y1="${under}" x2="${round(x + width)}" y2="${under}" stroke="${stroke}" stroke-opacity="0.7"/>`,
    ];
  });
}

const round = (value: number): string => String(Number(value.toFixed(1)));

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
