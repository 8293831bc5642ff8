import { readFile } from 'node:fs/promises';
import { writeAtomically } from '@judge-decoding/long-work';
import {
  type Annotation,
  annotationOf,
  checkDataSet,
  type DataSetRow,
  parseDataSet,
  rowLine,
  withAnnotation,
  withOthersWords,
  withoutAnnotation,
} from '@judge-decoding/train/data-set';
import { keysOf } from '../annotate/keys.ts';
import { beginMarking, decided, type Marking, type Move, moved } from '../annotate/marking.ts';
import { KEYS, screenLines, summaryOf } from '../annotate/screen.ts';
import { EXIT } from '../exit-code.ts';
import { badFlag } from '../options/flag-value.ts';
import { definitions } from '../render/examples.ts';
import { paintFor } from '../render/paint.ts';
import { writeWrapped } from '../render/wrap.ts';
import { readDataSet } from '../train/read-data-set.ts';
import type { World } from '../world.ts';

export interface AnnotateFlags {
  readonly annotator?: string;
  readonly blind?: boolean;
  readonly color: boolean;
}

const MOVES: Readonly<Record<string, Move>> = {
  left: 'left',
  h: 'left',
  right: 'right',
  l: 'right',
  ' ': 'right',
  b: 'word-left',
  w: 'word-right',
  up: 'line-up',
  k: 'line-up',
  down: 'line-down',
  j: 'line-down',
  home: 'start',
  '0': 'start',
  end: 'end',
  $: 'end',
};
const DECISIONS: Readonly<Record<string, Annotation['decision']>> = {
  enter: 'mistake',
  m: 'mistake',
  c: 'correct',
  s: 'skip',
  f: 'flag',
};
/** Escape sequence: clear the screen, to its corner. */
const CLEAR = '\u001b[2J\u001b[H';

/** People mark where answers go wrong: one decision a screen, each saved at once. */
export async function annotateCommand(
  file: string,
  flags: AnnotateFlags,
  { terminal }: World,
): Promise<number> {
  const { out, env } = terminal;
  const annotator = flags.annotator ?? env.USER ?? env.USERNAME ?? '';
  if (annotator === '') throw badFlag('--annotator', 'a name, so that several people can mark one file', '');
  const text = await readDataSet(file);
  const rows: DataSetRow[] = [...parseDataSet(text, file)];
  const marked = rows.flatMap((row, index) => (row.wrong === undefined ? [] : [index]));
  const paint = paintFor(out, env, flags);
  const history: number[] = [];
  const times: number[] = [];
  const next = () => marked.find((index) => annotationOf(rows[index]!, annotator) === undefined);
  const save = async () => {
    // somebody else may have marked the same file meanwhile
    const stored = checkDataSet(await readFile(file, 'utf8'), file).rows;
    rows.splice(0, rows.length, ...withOthersWords(rows, stored, annotator));
    await writeAtomically(file, rows.map(rowLine).join(''));
  };
  const done = () => marked.filter((index) => annotationOf(rows[index]!, annotator) !== undefined).length;

  let at = next();
  let marking: Marking | undefined = at === undefined ? undefined : beginMarking(rows[at]!);
  let note: string | undefined;
  let since = terminal.now();
  const draw = (extra: readonly string[] = []) => {
    if (marking === undefined) return;
    const mean = times.reduce((sum, one) => sum + one, 0) / times.length;
    const facts = {
      done: done(),
      total: marked.length,
      secondsEach: times.length === 0 ? undefined : mean,
      annotator,
      blind: flags.blind === true,
      columns: out.isTerminal ? out.columns : 80,
    };
    const lines = [...screenLines(marking, facts, paint), ...extra];
    out.write(`${out.isTerminal ? CLEAR : ''}${lines.join('\n')}\n`);
  };
  const show = (index: number | undefined) => {
    at = index;
    marking = index === undefined ? undefined : beginMarking(rows[index]!);
    since = terminal.now();
    draw();
  };

  draw();
  // nothing is left to mark: nobody is asked to press a key
  if (marking !== undefined)
    for await (const key of keysOf(terminal.input)) {
      if (marking === undefined) break;
      if (note !== undefined) {
        if (key === 'quit') break;
        if (key === 'enter') {
          const said: string = note;
          marking = { ...marking, note: said };
          note = undefined;
          draw();
        } else {
          note =
            key === 'backspace'
              ? [...note].slice(0, -1).join('')
              : note + (key.length > 1 && key !== ' ' ? '' : key);
          if (out.isTerminal) draw([`note: ${note}`]);
        }
        continue;
      }
      const decision = DECISIONS[key];
      if (key === 'q' || key === 'quit') break;
      if (MOVES[key] !== undefined) {
        marking = moved(marking, MOVES[key]);
        if (out.isTerminal) draw();
      } else if (key === 'v') marking = { ...marking, from: marking.cursor };
      else if (key === 'n') note = '';
      else if (key === '?') draw(['', definitions('Keys', KEYS, 80)]);
      else if (key === 'u') {
        const last = history.pop();
        if (last === undefined) continue;
        rows[last] = withoutAnnotation(rows[last]!, annotator);
        await save();
        show(last);
      } else if (decision !== undefined) {
        const seconds = (terminal.now() - since) / 1000;
        times.push(seconds);
        const by = { annotator, seconds, at: new Date().toISOString() };
        rows[at!] = withAnnotation(rows[at!]!, decided(marking, decision, by));
        history.push(at!);
        await save();
        show(next());
      }
    }
  writeWrapped(
    out,
    `${summaryOf(rows, annotator)} ${marked.length - done()} of ${marked.length} left in ${file}.`,
  );
  return EXIT.ok;
}
