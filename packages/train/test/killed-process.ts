import { toyPair } from '@judge-decoding/backend-contract';
import {
  equivalenceLabels,
  extractFeatures,
  fitHeads,
  HEAD_SHAPES,
  keepIn,
  labelWith,
  readSolutions,
  splitFeatures,
  writeTrainReport,
} from '../src/index.ts';
import { madeUpFeatures } from './made-up-features.ts';
import { toyProblems } from './toy-problems.ts';

/** One step of a training in a process of its own, to be killed: `label`, `features`, `adamw`, `logistic`. */
const [step, work, other, lines] = process.argv.slice(2) as [string, string, string, string];
const models = toyPair({ agreement: 0.5, seed: 3, sharpness: 0.4 });
const most = Number(lines);
let said = 0;
// says when a part is done, so that whoever kills can do so in the middle, and waits for that
const say = (part: number | string): void => {
  if (said++ >= most) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  process.stdout.write(`${part}\n`);
};
const onProgress = ({ done }: { readonly done: number }): void => say(done);

if (step === 'label')
  await labelWith({
    problems: toyProblems(40),
    source: equivalenceLabels({
      ...models,
      maxTokens: 40,
      answerOf: (tokens) => String(tokens.length % 3),
      abreast: 2,
    }),
    folder: work,
    problemsPerShard: 1,
    onProgress,
  });
if (step === 'features')
  await extractFeatures({
    data: await readSolutions(other),
    target: models.target,
    draft: models.draft,
    folder: work,
    states: ['pre-norm', 'post-norm', 'draft-pre-norm'],
    solutionsPerShard: 2,
    onProgress,
  });
if (step === 'adamw' || step === 'logistic') {
  const set = madeUpFeatures({ name: 'killed', problems: 300, hiddenSize: 64 });
  const keeper = keepIn(`${work}/fits`);
  const fit = await fitHeads({
    ...splitFeatures(set),
    model: { ...models.target.info, hiddenSize: 64 },
    shapes: HEAD_SHAPES,
    recipe: step,
    shuffledHeads: 1,
    keeper: {
      load: keeper.load,
      async save(...state) {
        await keeper.save(...state);
        say(said + 1);
      },
    },
  });
  await writeTrainReport({ title: 'killed', facts: [], fit, ablations: [], notes: [] }, `${work}/out`);
}
if (most < Number.POSITIVE_INFINITY) {
  process.stdout.write('all\n');
  setInterval(() => undefined, 60_000);
}
