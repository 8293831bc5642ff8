import { openCheckpoint } from '@judge-decoding/checkpoint';
import { defaultCacheFolder } from '@judge-decoding/onnx/cache';
import { EXIT } from '../exit-code.ts';
import { headFits, headsBeside } from '../inspect/head-fits.ts';
import { modelFacts } from '../inspect/model-facts.ts';
import { modelLines } from '../inspect/model-lines.ts';
import { runnableOn } from '../inspect/runnable.ts';
import { shapeTable } from '../inspect/tensor-shapes.ts';
import { factLines } from '../render/fact-lines.ts';
import { paintFor } from '../render/paint.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

export interface InspectModelFlags {
  readonly head?: readonly string[];
  readonly json?: boolean;
  readonly color: boolean;
}

/** What a model is and what it would take to run it; opens its files, runs nothing. */
export async function inspectModel(
  location: string,
  { head: named, json = false, color }: InspectModelFlags,
  { terminal, backends }: World,
): Promise<number> {
  const { out, env } = terminal;
  const checkpoint = await openCheckpoint(location, { cacheFolder: defaultCacheFolder(env) });
  const files = named ?? (await headsBeside(location));
  try {
    const facts = modelFacts(checkpoint);
    const runs = await runnableOn(checkpoint, backends);
    const heads = await headFits(checkpoint, files, backends);
    if (json) out.write(`${JSON.stringify({ ...facts, backends: runs, heads }, null, 2)}\n`);
    else {
      const paint = paintFor(out, env, { color });
      const lines = factLines(modelLines(facts, runs, heads), paint, widthOf(out));
      out.write(`${[...lines, '', ...shapeTable(facts.shapes, paint, widthOf(out))].join('\n')}\n`);
    }
    return EXIT.ok;
  } finally {
    await checkpoint.dispose();
  }
}
