import type { Command } from 'commander';
import type { CommandKit } from './measure-commands.ts';
import { countFlag, numberFlag, threadsFlag } from './options/flag-value.ts';
import { addModelFlags } from './options/model-flags.ts';
import { addFeatureFlags, addFitFlags, addLabelFlags, addQuestionFlags } from './options/train-flags.ts';

/** The parts of `judge train` besides `fit`, and `judge annotate`. */
export function addTrainCommands(train: Command, kit: Omit<CommandKit, 'argv' | 'columns'>): void {
  const { after, shown, withGlobals, finish, world } = kit;
  const part = (name: string, description: string) => train.command(name).description(description);
  part(
    'fit',
    'Fits judge heads for a pair: samples solutions of training problems of the pocket world from draft and target, labels every token, and fits three heads on the target’s hidden states (pre-norm, post-norm, and one with the row before). Their thresholds are chosen on as many calibration problems, on what the draft writes greedily. Prints how well they tell wrong tokens, with controls beside them.',
  )
    .option('--out <folder>', 'where the head files go', 'heads')
    .option(
      '--problems <n>',
      'training problems (default: 150, minutes on a laptop); with few of them hardly a wrong token chooses the threshold',
      countFlag('--problems', 3),
    )
    .option('--work <folder>', 'keep labels and features there: a stopped run goes on from them')
    .option('--seed <n>', 'the same seed gives the same head', countFlag('--seed', 0))
    .option('--target <model>', 'default: the embedded pocket pair')
    .option('--draft <model>', 'default: the embedded pocket pair')
    .option('--backend <name>', 'what runs the models', 'cpu')
    .option('--threads <n>', 'threads for the target', threadsFlag)
    .addHelpText(
      'after',
      after(
        shown([
          ['judge train fit --out my-head'],
          [
            'judge train fit --out my-head --problems 1000 --work labels',
            'longer; can be stopped and goes on',
          ],
          ['judge problems --count 30 --solve --head my-head/pre-norm.safetensors', 'how does it do?'],
          ['judge generate "…" --head my-head/pre-norm.safetensors', 'use it'],
        ]),
      ),
    )
    .action(async (flags) => {
      const { trainFitCommand } = await import('./commands/train-fit.ts');
      finish(await trainFitCommand(withGlobals(flags), world));
    });
  const kept = (command: Command) =>
    command
      .optionsGroup('Options:')
      .option('--out <folder>', 'where heads, card and report go', 'heads')
      .option(
        '--work <folder>',
        'where labels, features and fits are kept, and continued (default: work in --out)',
      )
      .option('--seed <n>', 'the same seed gives the same heads', countFlag('--seed', 0));
  const whole = (command: Command) =>
    addFitFlags(addFeatureFlags(addLabelFlags(addQuestionFlags(addModelFlags(kept(command))))));

  whole(
    part(
      'run',
      'From two models and questions to heads one can trust: answers are labelled, the target’s states are read, heads are fitted, their thresholds chosen and measured on problems of their own. Ends in head files, a card and a report. Every step is kept: stopped or killed, the same command goes on.',
    ),
  )
    .option('--dry-run', 'only say what labelling would cost')
    .addHelpText(
      'after',
      after(
        shown([
          ['judge train run --out my-heads', 'the pocket pair, exact labels'],
          ['judge train run --label equivalence --count 300 --out my-heads'],
          ['judge train run --target ./big --draft ./small --questions gsm8k/train.jsonl --dry-run'],
          ['judge train run --target ./big --draft ./small --data marked.jsonl', 'labels of people'],
        ]),
      ),
    )
    .action(async (flags) => {
      const { trainRunCommand } = await import('./commands/train-run.ts');
      finish(await trainRunCommand(withGlobals(flags), world));
    });
  for (const [name, until, description] of [
    ['label', 'labels', 'Only the labels: the first step of `judge train run`.'],
    ['features', 'features', 'Labels and the target’s states: the first two steps of `judge train run`.'],
  ] as const)
    addFeatureFlags(addLabelFlags(addQuestionFlags(addModelFlags(kept(part(name, description))))))
      .option('--dry-run', 'only say what labelling would cost')
      .action(async (flags) => {
        const { trainRunCommand } = await import('./commands/train-run.ts');
        finish(await trainRunCommand(withGlobals(flags), world, until));
      });
  addQuestionFlags(
    addModelFlags(
      part(
        'answers',
        'Asks draft, target or any OpenAI-compatible endpoint a list of questions, grades what they say, and keeps right and wrong answers as a data set for `judge annotate` (the key is in OPENAI_API_KEY).',
      )
        .requiredOption('--out <file>', 'the data set, JSONL')
        .option('--from <who>', 'draft, target, endpoint, with commas', 'draft,target')
        .option(
          '--takes <n>',
          'answers of each at most, until one is right and one is wrong (default: 2)',
          countFlag('--takes', 1),
        )
        .option(
          '--temperature <t>',
          'of the answers (default: 1)',
          numberFlag('--temperature', 'a number of at least 0', (value) => value >= 0),
        )
        .option('--max-tokens <n>', 'tokens of an answer (default: 420)', countFlag('--max-tokens', 1))
        .option('--url <address>', 'the endpoint, as in http://127.0.0.1:8000/v1')
        .option('--model <name>', 'its model')
        .option('--seed <n>', 'the same seed gives the same answers', countFlag('--seed', 0))
        .option('--work <folder>', 'where finished questions are kept (default: beside --out)'),
    ),
  ).action(async (flags) => {
    const { trainAnswersCommand } = await import('./commands/train-answers.ts');
    finish(await trainAnswersCommand(withGlobals(flags), world));
  });
  addModelFlags(
    part(
      'suggest',
      'Writes into a data set what a head thinks of every token of its answers. Annotators see it in the page when they ask for it, and their word then says so.',
    )
      .argument('<file>', 'a data set, JSONL')
      .requiredOption('--head <file>', 'a head file for the target')
      .option('--out <file>', 'where the data set goes (default: the same file)')
      .option('--allow-other-weights', 'use a head that was fitted on other weights of the same model'),
  ).action(async (file, flags) => {
    const { trainSuggestCommand } = await import('./commands/train-suggest.ts');
    finish(await trainSuggestCommand(file, withGlobals(flags), world));
  });
  part(
    'check',
    'Checks data sets line by line, and says how annotators agree. Exit code 3 where a line is wrong.',
  )
    .argument('<files...>', 'data sets, JSONL')
    .action(async (files) => {
      const { trainCheckCommand } = await import('./commands/train-check.ts');
      finish(await trainCheckCommand(files, world));
    });
  part(
    'import',
    'Makes a head file of a head in scikit-learn’s form: .npz or JSON with weights, bias, mean, scale, threshold. Pickles are refused: the message says how to export one.',
  )
    .argument('<file>', '.npz or .json')
    .requiredOption('--out <file>', 'the head file')
    .option('--target <model>', 'the model that it was fitted for (default: the embedded pocket pair’s)')
    .option('--polarity <meaning>', 'what a score means: correct, or important (AutoJudge, SelfJudge)')
    .option(
      '--state <name>',
      'which state it reads: post-norm (Hugging Face’s last), pre-norm, layer-12 (default: post-norm)',
    )
    .option('--dtype <type>', 'the type of the weights that it was fitted on (default: bf16)')
    .option(
      '--threshold <p>',
      'instead of the file’s, in the file’s polarity',
      numberFlag('--threshold', 'a number from 0 to 1', (value) => value >= 0 && value <= 1),
    )
    .action(async (file, flags) => {
      const { trainImportCommand } = await import('./commands/train-import.ts');
      finish(await trainImportCommand(file, withGlobals(flags), world));
    });
  kit
    .command(
      'annotate',
      'mark where answers go wrong, in the terminal or a page',
      'Shows question, reference answer and a model’s answer, one at a time; you move to the first wrong token and mark it. Every decision is saved at once; several people may mark one file, and `judge train check` says how they agree.',
    )
    .argument('<file>', 'a data set, JSONL: `judge train answers` makes one')
    .option('--annotator <name>', 'who you are (default: $USER)')
    .option('--blind', 'do not show the reference answer')
    .option('--page', 'in a browser instead: the page is served to this machine')
    .option(
      '--port <n>',
      'with --page: the port (default: 4178, or the next that is free)',
      countFlag('--port', 0),
    )
    .action(async (file, flags) => {
      if (flags.page) {
        const { annotatePageCommand } = await import('./commands/annotate-page.ts');
        finish(await annotatePageCommand(file, withGlobals(flags), world));
        return;
      }
      const { annotateCommand } = await import('./commands/annotate.ts');
      finish(await annotateCommand(file, withGlobals(flags), world));
    });
}
