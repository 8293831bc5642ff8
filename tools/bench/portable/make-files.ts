/**
 * Writes what races on a GPU start from, without the GPU: our graphs, and the folders that transformers.js reads.
 *
 *     make-files.js MODEL DTYPES [CONTEXT]        # into JUDGE_CACHE; `pocket` is the pair's target
 */
import { targetFolder } from '@judge-decoding/pocket-pair';
import { prepareModel } from '../../../packages/backend-cpu/src/prepare-model.ts';
import { transformersFolder } from '../anchors/other-forms.ts';
import type { Dtype } from '../src/race-cases.ts';

const [model, dtypes, context] = process.argv.slice(2);
const cacheFolder = process.env.JUDGE_CACHE!;
const location = model === 'pocket' ? targetFolder : model!;
const contextLength = context === undefined ? {} : { contextLength: Number(context) };
for (const dtype of dtypes!.split(',') as Dtype[]) {
  await prepareModel({ location, dtype, provider: 'webgpu', cacheFolder, ...contextLength }, () => undefined);
  await transformersFolder(location, cacheFolder, dtype, 'webgpu');
}
