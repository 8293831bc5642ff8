import type { CudaModel, CudaOptions, Engine } from '@judge-decoding/backend-cuda';
import { cudaBackend } from '@judge-decoding/backend-cuda';
import type { Store } from './store.ts';

/** What every part works with. */
export interface Run {
  readonly engine: Engine;
  readonly device: string;
  /** GPUs that `several` runs over, from the device on. */
  readonly gpus: number;
  readonly store: Store;
  /** Small shapes and few repeats: to try the program, not the GPU. */
  readonly quick: boolean;
  /** Rows of each shape in `rows`, where it is quick. */
  readonly quickRows: number;
  /** Clauses of the contract whose id has this in it are examined, no others. */
  readonly clauses: string;
  /** Everything takes long, as under a tool that watches: the contract tries fewer numbers and cases, and each clause is told. */
  readonly slow: boolean;
  /** Folder of the pocket pair: `target` and `draft` are in it. */
  readonly pair: string;
  /** What `npm run record` wrote. */
  readonly recorded: string;
  /** What `real-pair` runs over, where it was named. */
  readonly realPair: RealPairFiles | undefined;
  /** Folder of stories260K. */
  readonly stories: string;
  /** Milliseconds after which no new item is begun. */
  readonly deadline: number;
  say(line: string): void;
  /** Whether `--only` lets an item of this name be done. */
  asks(name: string): boolean;
}

/** Two models, GGUF files or folders, and questions as `judge eval --task own` takes them. */
export interface RealPairFiles {
  readonly target: string;
  readonly draft: string;
  readonly questions: string;
}

/** What a part is. */
export type Part = (run: Run) => Promise<void>;

/**
 * Begins items until the time is over; each is done once over any number of runs. One that fails is told and left for
 * another run; the others are done, and then the first failure is thrown.
 */
export async function eachItem<Item>(
  { store, deadline, say, asks }: Run,
  items: readonly { readonly name: string; readonly item: Item }[],
  work: (item: Item, name: string) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const { name, item } of items) {
    if (!asks(name)) continue;
    if (store.has(name)) {
      say(`${name}: done before`);
      continue;
    }
    if (performance.now() > deadline) {
      say(`${name}: left for another run, the time is over`);
      continue;
    }
    const from = performance.now();
    const seconds = () => `${((performance.now() - from) / 1000).toFixed(1)} s`;
    try {
      await store.put(name, await work(item, name));
      say(`${name}: ${seconds()}`);
    } catch (error) {
      failures.push(error);
      say(`${name}: failed after ${seconds()}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * Works at many things at once, each lane at one after the other: what waits for the device in one lane does not keep the
 * others from it. Results in the order of the items.
 */
export async function inLanes<Item, Lane, Result>(
  items: readonly Item[],
  lanes: readonly Lane[],
  work: (item: Item, lane: Lane, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      while (next < items.length) {
        const index = next++;
        results[index] = await work(items[index]!, lane, index);
      }
    }),
  );
  return results;
}

/** Opens a model for one item and closes it again. */
export async function withModel<Result>(
  { engine, device }: Pick<Run, 'engine' | 'device'>,
  location: string,
  options: CudaOptions,
  work: (model: CudaModel) => Promise<Result>,
): Promise<Result> {
  const model = await cudaBackend({ engine, device }).open(location, options);
  try {
    return await work(model);
  } finally {
    await model.dispose();
  }
}
