import { JudgeDecodingError } from '@judge-decoding/core';
import { annotationOf, type DataSetRow, parseDataSet, rowLine } from '@judge-decoding/train/data-set';
import { get, set } from 'idb-keyval';

/** Where a data set is, and how it is saved. */
export interface Store {
  readonly name: string;
  /** Who annotates, where that is known already. */
  readonly annotator?: string;
  /** Whether the file itself is written; else it has to be downloaded. */
  readonly writesFile: boolean;
  load(): Promise<readonly DataSetRow[]>;
  /** This annotator's word on one row has changed; `rows` are all of them. */
  save(rows: readonly DataSetRow[], changed: DataSetRow, annotator: string): Promise<void>;
}

/** What a file's handle offers where the browser has them. */
interface FileHandle {
  readonly name: string;
  getFile(): Promise<File>;
  createWritable(): Promise<{ write(text: string): Promise<void>; close(): Promise<void> }>;
}

export const textOf = (rows: readonly DataSetRow[]): string => rows.map(rowLine).join('');

/** The file that `judge annotate --page` serves; undefined where the page stands alone. */
export async function servedStore(): Promise<Store | undefined> {
  const response = await fetch('api/data-set', { headers: MINE }).catch(() => undefined);
  if (response?.headers.get('content-type') !== 'application/json') return undefined;
  const facts = (await response.json()) as { name: string; annotator?: string; text: string; fault?: string };
  return {
    name: facts.name,
    ...(facts.annotator ? { annotator: facts.annotator } : {}),
    writesFile: true,
    load: async () => parseDataSet(facts.text, facts.name),
    save: async (_, { id, ...row }, annotator) => {
      // only this word: somebody else may have marked the row since the page was opened
      const annotation = annotationOf({ id, ...row }, annotator);
      const body = JSON.stringify({ id, annotator, annotation });
      const saved = await fetch('api/word', { method: 'POST', headers: MINE, body });
      if (!saved.ok) throw new JudgeDecodingError('io', `It was not saved: ${await saved.text()}`);
    },
  };
}

/** No page of somebody else can send it without asking first. */
const MINE = { 'X-Judge-Page': '1', 'Content-Type': 'application/json' };

const KEPT = 'judge-annotator';

interface Kept {
  readonly name: string;
  readonly text: string;
  /** Who said the last word: whose progress is shown when the page is opened again. */
  readonly annotator?: string;
}

const keep = (name: string, rows: readonly DataSetRow[], annotator: string): Promise<void> =>
  set(KEPT, { name, text: textOf(rows), annotator } satisfies Kept);

/** What was open last time, in this browser: closing the tab loses nothing. */
export const keptStore = async (): Promise<Store | undefined> => {
  const kept = await get<Kept>(KEPT).catch(() => undefined);
  return kept && inBrowser(kept);
};

/** A file that was picked or dropped: kept in the browser, downloaded when done. */
export const fileStore = async (file: File): Promise<Store> =>
  inBrowser({ name: file.name, text: await file.text() });

function inBrowser({ name, text, annotator }: Kept): Store {
  return {
    name,
    ...(annotator === undefined ? {} : { annotator }),
    writesFile: false,
    load: async () => parseDataSet(text, name),
    save: (rows, _, by) => keep(name, rows, by),
  };
}

/** A file that the browser lets the page write. */
export function handleStore(handle: FileHandle): Store {
  return {
    name: handle.name,
    writesFile: true,
    load: async () => parseDataSet(await (await handle.getFile()).text(), handle.name),
    save: async (rows, _, annotator) => {
      // kept here first: what the browser writes into the file appears there when it is whole
      await keep(handle.name, rows, annotator);
      const file = await handle.createWritable();
      await file.write(textOf(rows));
      await file.close();
    },
  };
}

/** Asks for a file that may be written; undefined where the browser cannot, or nothing was picked. */
export async function pickedHandle(): Promise<FileHandle | undefined> {
  const { showOpenFilePicker } = globalThis as {
    showOpenFilePicker?: (options: object) => Promise<FileHandle[]>;
  };
  if (showOpenFilePicker === undefined) return undefined;
  const [handle] = await showOpenFilePicker({
    types: [{ description: 'Data set', accept: { 'application/jsonl': ['.jsonl'] } }],
  }).catch(() => []);
  return handle;
}

export const canWriteFiles = (): boolean => 'showOpenFilePicker' in globalThis;
