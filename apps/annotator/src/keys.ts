import { signal } from '@preact/signals';

/** What keys do, and the key of each unless somebody chose another. */
export const ACTIONS = {
  mark: ['m', 'the first wrong token is this one'],
  end: ['e', 'the mistake ends with this one: what follows is right again'],
  clear: ['x', 'no mark'],
  mistake: ['d', 'done: it goes wrong where it is marked'],
  correct: ['c', 'correct as it is'],
  skip: ['s', 'skip'],
  flag: ['f', 'flag: something is the matter with question or answer'],
  undo: ['u', 'undo the last decision'],
  suggest: ['h', 'what a head would stop, where one has read the answer: it may sway you'],
  help: ['?', 'this list'],
} as const satisfies Readonly<Record<string, readonly [key: string, does: string]>>;
export type Action = keyof typeof ACTIONS;

const KEY = 'judge-annotator-keys';

export const keys = signal<Readonly<Record<Action, string>>>(kept());

export const actionOf = (key: string): Action | undefined =>
  (Object.keys(keys.value) as Action[]).find((action) => keys.value[action] === key);

/** Another key for an action; the one that had it gets the old one in exchange. */
export function remap(action: Action, key: string): void {
  const other = actionOf(key);
  const next = { ...keys.value, [action]: key };
  if (other !== undefined && other !== action) next[other] = keys.value[action];
  keys.value = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // a browser that keeps nothing: it holds until the page is left
  }
}

function kept(): Record<Action, string> {
  const usual: Record<string, string> = Object.fromEntries(
    Object.entries(ACTIONS).map(([action, [key]]) => [action, key]),
  );
  let read: Record<string, unknown> = {};
  try {
    read = JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    // nothing is kept, or nothing that can be read
  }
  for (const action of Object.keys(ACTIONS))
    if (typeof read[action] === 'string' && read[action] !== '') usual[action] = read[action];
  return usual as Record<Action, string>;
}
