import { openCheckpoint } from '@judge-decoding/checkpoint';
import { type HiddenName, writeHead } from '@judge-decoding/core';
import { readNamed, writeAtomically } from '@judge-decoding/long-work';
import { importHead, type Polarity } from '@judge-decoding/train';
import { EXIT } from '../exit-code.ts';
import { badFlag } from '../options/flag-value.ts';
import { cacheFolder } from '../pair/cache-folder.ts';
import { modelFolder } from '../pair/model-folder.ts';
import { requireEmbeddedPair } from '../pocket/embedded-pair.ts';
import type { World } from '../world.ts';

export interface ImportFlags {
  readonly target?: string;
  readonly out: string;
  readonly polarity?: string;
  readonly state?: string;
  readonly threshold?: number;
  readonly dtype?: string;
}

/** A head that was fitted elsewhere, as a head file. No model is run. */
export async function trainImportCommand(
  file: string,
  flags: ImportFlags,
  { terminal }: World,
): Promise<number> {
  const { polarity, state = 'post-norm', threshold, dtype } = flags;
  if (polarity !== undefined && polarity !== 'correct' && polarity !== 'important')
    throw badFlag('--polarity', 'correct or important', polarity);
  if (!/^(pre-norm|post-norm|layer-[1-9]\d*)$/.test(state))
    throw badFlag('--state', 'pre-norm, post-norm, or an earlier layer as in layer-12', state);
  const bytes = await readNamed(file, 'a head in scikit-learn’s form');
  const { env } = terminal;
  const folder =
    flags.target === undefined
      ? (await requireEmbeddedPair(env)).target
      : modelFolder(flags.target, '--target', env);
  const checkpoint = await openCheckpoint(folder, { cacheFolder: (await cacheFolder(env)).folder });
  try {
    const head = importHead(bytes, file, {
      polarity: polarity as Polarity | undefined,
      state: state as HiddenName,
      threshold,
      model: {
        name: checkpoint.name,
        hiddenSize: checkpoint.config.hiddenSize,
        fingerprint: await checkpoint.fingerprint(),
        dtype: dtype ?? 'bf16',
      },
    });
    await writeAtomically(flags.out, writeHead(head));
    terminal.out.write(`${flags.out}\n`);
    terminal.err.write(
      `P(correct) from the ${state} state, threshold ${head.threshold.toFixed(3)}. It was fitted on other passes than this program’s: measure it with \`judge eval\` before you trust it.\n`,
    );
    return EXIT.ok;
  } finally {
    await checkpoint.dispose();
  }
}
