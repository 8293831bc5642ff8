import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { screenOf } from './screen.ts';
import { terminalSvg } from './svg.ts';

const { values } = parseArgs({
  options: {
    title: { type: 'string', default: 'judge' },
    columns: { type: 'string' },
    /** Shown above as if it had been typed. */
    command: { type: 'string' },
  },
});
const recorded = readFileSync(0, 'utf8');
const typed = values.command === undefined ? '' : `\u001b[2m$\u001b[22m ${values.command}\n`;
const columns = values.columns === undefined ? undefined : Number(values.columns);
const lines = [...screenOf(typed + recorded, columns)];
while (lines.at(-1)?.every(({ text }) => text.trim() === '')) lines.pop();
process.stdout.write(terminalSvg(lines, values.title));
