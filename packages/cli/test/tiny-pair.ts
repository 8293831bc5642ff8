import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint, type TinyCheckpointOptions } from '@judge-decoding/checkpoint/testing';
import { type JudgeHead, writeHead } from '@judge-decoding/core';

/** A folder with a made-up pair and whatever else a test puts there. */
export interface TinyPair {
  readonly folder: string;
  readonly target: string;
  /** Agrees with the target now and then. */
  readonly draft: string;
  /** Fits the target; lets nearly everything in. */
  readonly head: string;
  readonly env: Readonly<Record<string, string>>;
  /** The head with something changed, as a file of its own. */
  writeHead(name: string, change: (head: JudgeHead) => JudgeHead): Promise<string>;
  /** Another checkpoint beside them. */
  make(name: string, options: TinyCheckpointOptions): Promise<string>;
  dispose(): Promise<void>;
}

export async function tinyPair({ contextLength = 256 } = {}): Promise<TinyPair> {
  const folder = await mkdtemp(join(tmpdir(), 'judge-cli-'));
  const make = async (name: string, options: TinyCheckpointOptions) => {
    const path = join(folder, name);
    await makeTinyCheckpoint(path, options);
    return path;
  };
  const target = await make('target', { seed: 1, contextLength });
  // the same weights read with other positions: a draft that is right about half the time
  const draft = await make('draft', { seed: 1, contextLength, ropeTheta: 300 });
  const checkpoint = await openCheckpoint(target);
  const { hiddenSize } = checkpoint.config;
  const fitting: JudgeHead = {
    terms: [
      {
        layer: 'last',
        state: 'pre-norm',
        row: 'own',
        weights: Float32Array.from({ length: hiddenSize }, (_, i) => 0.01 * Math.sin(i)),
      },
    ],
    bias: 6,
    threshold: 0.5,
    hiddenSize,
    provenance: {
      model: 'target',
      fingerprint: await checkpoint.fingerprint(),
      dtype: 'fp32',
      data: 'made up',
      metrics: { rocAuc: 0.5 },
      calibration: [{ threshold: 0.5, wrongStopped: 0.9, correctAdmitted: 0.8 }],
    },
  };
  await checkpoint.dispose();
  const writeChanged: TinyPair['writeHead'] = async (name, change) => {
    const path = join(folder, name);
    await writeFile(path, writeHead(change(fitting)));
    return path;
  };
  return {
    folder,
    target,
    draft,
    head: await writeChanged('head.safetensors', (head) => head),
    env: { JUDGE_CACHE: join(folder, 'cache') },
    writeHead: writeChanged,
    make,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
