import { join } from 'node:path';
import { readIfThere, writeAtomically } from '@judge-decoding/long-work';

/** What a part has found so far; written after every item, so that a part that was stopped goes on. */
export interface PartFile {
  readonly part: string;
  /** Digest of the engine's sources: what was found with another engine is looked at again. */
  readonly engine: string;
  /** Tiny shapes, which tried the program and measured nothing. */
  readonly quick: boolean;
  /** Where and when it was run last. */
  readonly environment: unknown;
  /** By the item's name, in the order of work. */
  readonly items: Readonly<Record<string, unknown>>;
}

/** Items of one part of a report, by name. */
export class Store {
  readonly #path: string;
  #file: PartFile;

  private constructor(path: string, file: PartFile) {
    this.#path = path;
    this.#file = file;
  }

  static async open(folder: string, of: Omit<PartFile, 'items'>): Promise<Store> {
    const known = await readPart(folder, of.part);
    const items = known?.engine === of.engine && known.quick === of.quick ? known.items : {};
    return new Store(join(folder, `${of.part}.json`), { ...of, items });
  }

  get items(): Readonly<Record<string, unknown>> {
    return this.#file.items;
  }

  has(item: string): boolean {
    return Object.hasOwn(this.#file.items, item);
  }

  async put(item: string, value: unknown): Promise<void> {
    this.#file = { ...this.#file, items: { ...this.#file.items, [item]: value } };
    await writeAtomically(this.#path, `${JSON.stringify(this.#file, null, 1)}\n`);
  }
}

/** A part's file, or `undefined` where there is none. */
export async function readPart(folder: string, part: string): Promise<PartFile | undefined> {
  const text = await readIfThere(join(folder, `${part}.json`));
  return text === undefined ? undefined : (JSON.parse(text) as PartFile);
}
