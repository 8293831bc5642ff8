import { isWayToSay } from './automaton.ts';
import { drawTask, type ProblemAddress } from './problem.ts';
import { between, pick, type Random } from './random.ts';
import { withRetraction } from './retraction.ts';
import type { Knowledge, Mistake, MistakeKind, Step } from './step.ts';
import type { Task } from './task.ts';
import { type Style, say as sayInStyle, type Wording } from './wording.ts';

/** A mistake that was put into a solution on purpose. */
export interface Mistaken {
  readonly kind: MistakeKind;
  /** Index of the step that went wrong. */
  readonly step: number;
  /** Whether the text takes it back later. */
  readonly noticed: boolean;
}

/** A worked answer, and what is wrong in it. */
export interface Solution {
  readonly text: string;
  readonly mistakes: readonly Mistaken[];
}

/** How a solution is written; rates are chances from 0 to 1. */
export interface SolutionOptions {
  readonly style: Style;
  readonly random: Random;
  /** Chance that a line goes wrong while no earlier mistake stands. */
  readonly mistakeRate?: number;
  /** Chance that a right line has a wrong word in it that is taken back at once. */
  readonly retractionRate?: number;
}

/** How likely a mistake is noticed later: what was worked out is checked again, what was read rarely is. */
const NOTICED: Readonly<Record<MistakeKind, number>> = { slip: 0.8, misread: 0.25, 'mix-up': 0.8, skip: 0.3 };

/** Lines between a mistake and its correction, and how often. */
const DELAYS: readonly number[] = [0, 0, 0, 1, 1, 1, 1, 1, 2, 2];

/** Writes an answer to the problem, line by line, with as many mistakes as the rates bring. */
export function writeSolution(problem: ProblemAddress, options: SolutionOptions): Solution {
  return solve(drawTask(problem), options);
}

/** As {@link writeSolution}; another `say` may take its own way at every fork. */
export function solve(
  task: Task,
  {
    style,
    random,
    mistakeRate = 0,
    retractionRate = 0,
    say = sayInStyle,
  }: SolutionOptions & { readonly say?: typeof sayInStyle },
): Solution {
  const { steps } = task;
  const mistakes: Mistaken[] = [];
  let text = '';
  let knowledge: Knowledge = [];
  let owed: { readonly due: number; readonly step: number; readonly before: Knowledge } | undefined;
  let standing = false;
  let at = 0;
  while (at < steps.length) {
    const step = steps[at]!;
    const wrong =
      !standing && random() < mistakeRate
        ? goWrong(steps, at, knowledge, random, (wording) => say(wording, style, random))
        : undefined;
    if (wrong === undefined) {
      const line = step.line(knowledge);
      const said = say(line.wording, style, random);
      const retracts = !standing && random() < retractionRate * (task.retractions ?? 1);
      text += (retracts ? withRetraction(line.wording, said, task.prompt, random) : undefined) ?? said;
      knowledge = line.after;
      at += 1;
    } else {
      const noticed = random() < wrong.noticed;
      mistakes.push({ kind: wrong.kind, step: at, noticed });
      standing = true;
      if (noticed)
        owed = {
          due: Math.min(wrong.next + pick(random, DELAYS), steps.length),
          step: at,
          before: knowledge,
        };
      text += wrong.text;
      knowledge = wrong.after;
      at = wrong.next;
    }
    if (owed !== undefined && at >= owed.due) {
      const mended = steps[owed.step]!;
      text += say(mended.correction(owed.before), style, random);
      knowledge = mended.line(owed.before).after;
      at = owed.step + 1;
      owed = undefined;
      standing = false;
    }
  }
  return { text: `${text}#### ${task.answerOf(knowledge)}`, mistakes };
}

interface WrongLine {
  readonly kind: MistakeKind;
  /** How likely the text takes it back later. */
  readonly noticed: number;
  readonly text: string;
  readonly after: Knowledge;
  /** The step that comes after this line. */
  readonly next: number;
}

const TRIES = 4;

/** A line in place of `steps[at]` that is really wrong, or nothing when chance keeps hitting what is right. */
function goWrong(
  steps: readonly Step[],
  at: number,
  before: Knowledge,
  random: Random,
  say: (wording: Wording) => string,
): WrongLine | undefined {
  const step = steps[at]!;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const skipped =
      step.canBeSkipped && between(random, 1, 10) === 1 ? steps[at + 1]!.line(before) : undefined;
    const made: Mistake | undefined =
      skipped === undefined ? step.mistake(before, random) : { kind: 'skip', ...skipped };
    if (made === undefined) continue;
    const text = say(made.wording);
    if (isWayToSay(step.line(before).wording, text)) continue;
    return {
      kind: made.kind,
      noticed: made.noticed ?? NOTICED[made.kind],
      text,
      after: made.after,
      next: skipped === undefined ? at + 1 : at + 2,
    };
  }
  return undefined;
}
