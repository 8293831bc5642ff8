import {
  type Annotation,
  annotationOf,
  type DataSetRow,
  withAnnotation,
  withoutAnnotation,
} from '@judge-decoding/train/data-set';
import { computed, signal } from '@preact/signals';
import { type Mark, markOf, mistakesOf, piecesOf } from './cut.ts';
import type { Store } from './store.ts';

export const store = signal<Store | undefined>(undefined);
export const rows = signal<readonly DataSetRow[]>([]);
export const annotator = signal('');
export const fault = signal<string | undefined>(undefined);

/** The row on the screen; undefined when none is left. */
export const at = signal<number | undefined>(undefined);
export const mark = signal<Mark | undefined>(undefined);
export const note = signal('');
/** A head's suggestion is shown only when it is asked for, row by row; the annotation says that it was seen. */
export const suggesting = signal(false);
const sawSuggestion = new Set<string>();
/** Rows that were decided here, the last one last. */
export const decided = signal<readonly number[]>([]);
const seconds = signal<readonly number[]>([]);
let since = 0;

/** Rows with an answer that can be marked. */
export const queue = computed(() =>
  rows.value.flatMap((row, index) => (row.wrong === undefined ? [] : [index])),
);
export const open = computed(() =>
  queue.value.filter((index) => annotationOf(rows.value[index]!, annotator.value) === undefined),
);
export const row = computed(() => (at.value === undefined ? undefined : rows.value[at.value]));
export const pieces = computed(() => (row.value === undefined ? [] : piecesOf(row.value)));
/** Mean seconds of a decision since the page was opened. */
export const pace = computed(() =>
  seconds.value.length === 0
    ? undefined
    : seconds.value.reduce((sum, one) => sum + one, 0) / seconds.value.length,
);

/** A pause is no decision. */
const LONGEST_DECISION = 600;
const KEPT_DECISIONS = 10;

export async function openStore(opened: Store): Promise<void> {
  try {
    rows.value = await opened.load();
    store.value = opened;
    fault.value = undefined;
    if (opened.annotator !== undefined && annotator.value === '') annotator.value = opened.annotator;
    decided.value = [];
    show(open.value[0]);
  } catch (error) {
    fault.value = (error as Error).message;
  }
}

/** Puts a row on the screen, with what its annotator said of it before. */
export function show(index: number | undefined): void {
  at.value = index;
  const before = index === undefined ? undefined : annotationOf(rows.value[index]!, annotator.value);
  mark.value = markOf(before, pieces.value);
  note.value = before?.note ?? '';
  suggesting.value = false;
  if (before?.suggested) sawSuggestion.add(rows.value[index!]!.id);
  since = performance.now();
}

/** Shows what a head thinks of the answer, or hides it again. */
export function toggleSuggestion(): void {
  if (row.value?.suggestion === undefined) return;
  suggesting.value = !suggesting.value;
  if (suggesting.value) sawSuggestion.add(row.value.id);
}

/** The annotator's word on the row that is shown; saved at once, then comes the next. */
export async function decide(decision: Annotation['decision']): Promise<void> {
  const index = at.value;
  if (index === undefined || annotator.value === '') return;
  if (decision === 'mistake' && mark.value === undefined) return;
  const took = (performance.now() - since) / 1000;
  const annotation: Annotation = {
    annotator: annotator.value,
    decision,
    ...(decision === 'mistake' ? { mistakes: mistakesOf(mark.value!, pieces.value) } : {}),
    ...(note.value.trim() === '' ? {} : { note: note.value.trim() }),
    seconds: Math.round(10 * took) / 10,
    at: new Date().toISOString(),
    ...(sawSuggestion.has(rows.value[index]!.id) ? { suggested: true } : {}),
  };
  if (!(await put(index, withAnnotation(rows.value[index]!, annotation)))) return;
  if (took < LONGEST_DECISION) seconds.value = [...seconds.value, took];
  decided.value = [...decided.value.filter((one) => one !== index), index].slice(-KEPT_DECISIONS);
  show(open.value.find((one) => one > index) ?? open.value[0]);
}

/** Takes the last decision back, and shows its row. */
export async function undo(): Promise<void> {
  const index = decided.value.at(-1);
  if (index === undefined) return;
  if (!(await put(index, withoutAnnotation(rows.value[index]!, annotator.value)))) return;
  decided.value = decided.value.slice(0, -1);
  show(index);
}

/** Where it cannot be saved nothing changes, and it is said. */
async function put(index: number, changed: DataSetRow): Promise<boolean> {
  const next = rows.value.map((each, at) => (at === index ? changed : each));
  try {
    await store.value?.save(next, changed, annotator.value);
    rows.value = next;
    fault.value = undefined;
    return true;
  } catch (error) {
    fault.value = (error as Error).message;
    return false;
  }
}
