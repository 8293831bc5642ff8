import { advance, compile, END_OF_TEXT, mayEnd, NOWHERE, type States } from './automaton.ts';
import { drawTask, type ProblemAddress } from './problem.ts';
import { type Knowledge, RETRACTION } from './step.ts';
import type { Task } from './task.ts';

/**
 * What a piece of text (a token, say) is.
 * - `ok`: some correct solution continues the text that ends in it;
 * - `wrong`: none does any more, and it is the piece that broke it;
 * - `dead`: the text was broken before. No verdict, until the text has taken the mistake back.
 */
export type Label = 'ok' | 'wrong' | 'dead';

/** Reads an answer as it is written and knows after every piece whether it is still right. */
export interface Recogniser {
  /** Reads on, and labels the piece. Pieces may be cut anywhere. */
  feed(piece: string): Label;
  /** The label that the end of the text would have here. */
  end(): Label;
  /** Whether a mistake stands. */
  readonly dead: boolean;
  /** An independent copy: cheap, for asking what would be. */
  clone(): Recogniser;
}

interface Compiled {
  readonly start: States;
  /** By step: where the correction of that step begins. It leads on into the following step. */
  readonly corrections: readonly States[];
  /** Which step a state belongs to. */
  readonly stepOf: ReadonlyMap<States[number], number>;
}

const LINE_BREAK = 10;
const SPACE = 32;

const isWordCode = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/**
 * A recogniser at the beginning of an answer to the problem.
 *
 * @example
 * const read = createRecogniser({ domain: 'words', split: 'dev', index: 0 });
 * for (const piece of pieces) console.log(piece, read.feed(piece));
 */
export const createRecogniser = (problem: ProblemAddress): Recogniser => recognise(drawTask(problem));

export function recognise(task: Task): Recogniser {
  const compiled = compileTask(task);
  return reader(compiled, {
    live: compiled.start,
    mending: NOWHERE,
    broken: -1,
    beforeWord: NOWHERE,
    retracted: -1,
  });
}

/**
 * Every correct solution of a task, line by line: each line is a compiled wording that goes on
 * into the next. Lines end in a line break and hold no other, so a text is always within one step.
 */
function compileTask({ steps, answer }: Task): Compiled {
  const known: Knowledge[] = [[]];
  for (const [index, step] of steps.entries()) known.push(step.line(known[index]!).after);
  const stepOf = new Map<States[number], number>();
  const corrections: States[] = [];
  let next = compile(`#### ${answer}`, END_OF_TEXT);
  for (const state of next) stepOf.set(state, steps.length);
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const before = known[index]!;
    corrections.unshift(compile(steps[index]!.correction(before), next));
    next = compile(steps[index]!.line(before).wording, next);
    for (const state of next) stepOf.set(state, index);
  }
  return { start: next, corrections, stepOf };
}

/** Everything that changes while reading; the arrays in it never do. */
interface Position {
  /** Where a correct text is; empty while a mistake stands. */
  live: States;
  /** Where the correction of the standing mistake is, if one is being said. */
  mending: States;
  /** The step in which the latest line began, or the mistake happened. */
  broken: number;
  /** Where the text was before the space that the present word follows. */
  beforeWord: States;
  /** How much of a retraction has followed the wrong word; -1 when none can any more. */
  retracted: number;
}

function reader(compiled: Compiled, position: Position): Recogniser {
  const { corrections, stepOf } = compiled;
  let { live, mending, broken, beforeWord, retracted } = position;
  return {
    feed(piece) {
      let label: Label = live.length === 0 ? 'dead' : 'ok';
      for (let index = 0; index < piece.length; index += 1) {
        const code = piece.charCodeAt(index);
        if (live.length > 0) {
          broken = stepOf.get(live[0]!) ?? broken;
          if (code === SPACE) beforeWord = live;
          else if (code === LINE_BREAK) beforeWord = NOWHERE;
          live = advance(live, code);
          if (live.length > 0) continue;
          label = 'wrong';
          mending = NOWHERE;
          retracted = isWordCode(code) && beforeWord.length > 0 ? 0 : -1;
        } else {
          mending = advance(mending, code);
          if (retracted >= 0 && code === RETRACTION.charCodeAt(retracted)) {
            retracted += 1;
            if (retracted === RETRACTION.length) live = beforeWord;
          } else if (retracted !== 0 || !isWordCode(code)) {
            retracted = -1;
          }
        }
        if (code !== LINE_BREAK) continue;
        // A correction ends with its line: the text is where the step had been done right.
        live = mending;
        mending = live.length > 0 ? NOWHERE : (corrections[broken] ?? NOWHERE);
      }
      return label;
    },
    end: () => (live.length === 0 ? 'dead' : mayEnd(live) ? 'ok' : 'wrong'),
    get dead() {
      return live.length === 0;
    },
    clone: () => reader(compiled, { live, mending, broken, beforeWord, retracted }),
  };
}
