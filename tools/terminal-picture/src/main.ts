import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseAnsi } from './ansi.ts';
import { terminalSvg } from './svg.ts';

const { values } = parseArgs({ options: { title: { type: 'string', default: 'judge' } } });
const text = readFileSync(0, 'utf8').replace(/\n+$/, '');
process.stdout.write(terminalSvg(parseAnsi(text), values.title));
