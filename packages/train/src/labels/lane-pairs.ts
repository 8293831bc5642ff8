import type { Model } from '@judge-decoding/core';
import { batchedModel, type Lane } from './batched-model.ts';

/** A lane of the target and one of the draft, for one problem at a time. */
export interface LanePair {
  readonly target: Lane;
  readonly draft: Lane;
}

/** Lanes are used again by the next problem; as many are opened as are used at once. */
export interface LanePairs {
  use<T>(work: (lanes: LanePair) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

export function lanePairs({ target, draft }: { readonly target: Model; readonly draft: Model }): LanePairs {
  const [targets, drafts] = [batchedModel(target), batchedModel(draft)];
  const idle: LanePair[] = [];
  const all: Lane[] = [];
  return {
    async use(work) {
      let lanes = idle.pop();
      if (lanes === undefined) {
        lanes = { target: await targets.openLane(), draft: await drafts.openLane() };
        all.push(lanes.target, lanes.draft);
      }
      lanes.target.truncate(0);
      lanes.draft.truncate(0);
      try {
        return await work(lanes);
      } finally {
        idle.push(lanes);
      }
    },
    async dispose() {
      for (const lane of all) await lane.dispose();
    },
  };
}
