import { matchWording, type Wording } from './wording.ts';

/**
 * The character states that may come next. Arrays are never changed once built, so a position in
 * the automaton is copied by copying a reference.
 */
export type States = readonly State[];

interface State {
  /** UTF-16 code unit that this state reads; -1 is the end of the text and reads nothing. */
  readonly code: number;
  readonly next: States;
}

const END: State = { code: -1, next: [] };

/** Where a text has ended and may not go on. */
export const END_OF_TEXT: States = [END];

/** Where no text can get to. */
export const NOWHERE: States = [];

/** The states from which exactly the texts of `wording`, each followed by `next`, are read. */
export function compile(wording: Wording, next: States): States {
  return matchWording(wording, {
    text: (text) => {
      let states = next;
      for (let index = text.length - 1; index >= 0; index -= 1) {
        states = [{ code: text.charCodeAt(index), next: states }];
      }
      return states;
    },
    sequence: (parts) => {
      let states = next;
      for (let index = parts.length - 1; index >= 0; index -= 1) states = compile(parts[index]!, states);
      return states;
    },
    fork: ({ options }) => union(options.map((option) => compile(option, next))),
  });
}

export function union(sets: readonly States[]): States {
  if (sets.length === 1) return sets[0]!;
  return [...new Set(sets.flat())];
}

/** Reads one code unit; the result is empty when nothing goes on this way. */
export function advance(states: States, code: number): States {
  let found: States | undefined;
  let merged: State[] | undefined;
  for (const state of states) {
    if (state.code !== code) continue;
    if (found === undefined) {
      found = state.next;
      continue;
    }
    merged ??= [...found];
    for (const next of state.next) if (!merged.includes(next)) merged.push(next);
  }
  return merged ?? found ?? NOWHERE;
}

export const mayEnd = (states: States): boolean => states.includes(END);

/** Whether `text` is one of the ways to say `wording`. */
export function isWayToSay(wording: Wording, text: string): boolean {
  let states = compile(wording, END_OF_TEXT);
  for (let index = 0; index < text.length; index += 1) states = advance(states, text.charCodeAt(index));
  return mayEnd(states);
}

/** How many code units of `text` can be read before no way of saying `wording` is left. */
export function readable(wording: Wording, text: string): number {
  let states = compile(wording, END_OF_TEXT);
  for (let index = 0; index < text.length; index += 1) {
    states = advance(states, text.charCodeAt(index));
    if (states.length === 0) return index;
  }
  return text.length;
}
