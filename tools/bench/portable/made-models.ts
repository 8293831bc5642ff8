/** Writes a model of made-up weights into a folder: `made-models.js tiny|smollm2 FOLDER [LAYERS]`. */
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { SMOLLM2, writeModel } from '../src/synthetic-model.ts';

const [kind, folder, layers] = process.argv.slice(2);
if (kind === 'smollm2')
  await writeModel(folder!, { ...SMOLLM2, ...(layers === undefined ? {} : { layers: Number(layers) }) });
else await makeTinyCheckpoint(folder!, { hiddenSize: 64, attentionHeads: 4, keyValueHeads: 2, layers: 2 });
