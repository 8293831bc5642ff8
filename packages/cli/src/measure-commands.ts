import { ARM_GROUPS, OTHER_ARMS } from '@judge-decoding/eval/arm-names';
import type { Command } from 'commander';
import { didYouMean } from './options/closest.ts';
import { badFlag, countFlag, numberFlag } from './options/flag-value.ts';
import { addModelFlags } from './options/model-flags.ts';
import { addArmFlags, addRunFlags, addTaskFlags } from './options/run-flags.ts';
import { addSamplingFlags } from './options/sampling-flags.ts';
import { AUTHORS, type Author } from './options/text-authors.ts';
import { definitions, type Example } from './render/examples.ts';
import type { World } from './world.ts';

/** What a group of commands is added with. */
export interface CommandKit {
  readonly command: (name: string, summary: string, description?: string) => Command;
  /** Parts of a help text, behind the flags. */
  readonly after: (...parts: readonly string[]) => string;
  readonly shown: (list: readonly Example[]) => string;
  readonly withGlobals: <Flags extends object>(flags: Flags) => Flags;
  readonly finish: (exitCode: number) => void;
  readonly world: World;
  readonly argv: readonly string[];
  readonly columns: number;
}

function authorsFlag(text: string): readonly Author[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !AUTHORS.some((author) => author === name));
  if (wrong === undefined) return [...new Set(names)] as readonly Author[];
  throw badFlag('--authors', `names among ${AUTHORS.join(', ')}`, wrong, didYouMean(wrong, AUTHORS).trim());
}

/** bench, eval, report, grade and texts. */
export function addMeasureCommands(kit: CommandKit): void {
  const { command, after, shown, withGlobals, finish, world, argv, columns } = kit;
  const { rules } = world;
  const measured = (command: Command) =>
    addRunFlags(addSamplingFlags(addArmFlags(addTaskFlags(addModelFlags(command)), rules)));
  measured(
    command(
      'bench',
      'how fast is it? arms in turns on the same problems',
      'Measures speed: every arm on every problem in turns, warmed up, several times, with intervals and the model of a round beside what was measured. Everything is greedy and one generation at a time unless flags say otherwise.',
    ),
  )
    .option(
      '--synthetic <shape>',
      'a target of made-up weights, as in llama-3.1-8b:int8, where the backend makes them',
    )
    .option(
      '--prompt-tokens <n>',
      'length of made-up prompts (default: 128)',
      countFlag('--prompt-tokens', 1),
    )
    .addHelpText(
      'after',
      after(
        shown([
          ['judge bench', 'the pocket pair: plain, strict, judge'],
          ['judge bench --arms plain,strict,judge,kl:0.3 --draft-lengths 4,8,16,32'],
          ['judge bench --target ./big --draft ./small --task spec-bench --data ./spec_bench'],
          ['judge bench --target ./big --synthetic-acceptance length:19', 'what such a draft would give'],
        ]),
        definitions('Arms', [...OTHER_ARMS, ...ARM_GROUPS], columns),
      ),
    )
    .action(async (flags) => {
      const { BENCH, measureCommand } = await import('./commands/measure.ts');
      finish(await measureCommand(withGlobals(flags), BENCH, world, argv));
    });
  measured(
    command(
      'eval',
      'how often is it right, and how fast? rows, statistics, a page',
      'Measures quality and speed of the same generations and keeps a row of each in a folder: it can be stopped, goes on, and can be shared by several processes. At its end it writes report.html, which `judge report` rebuilds from the folder alone.',
    ),
  )
    .addHelpText(
      'after',
      after(
        shown([
          ['judge eval --out results/pocket --margin 1', 'the pocket pair on 300 problems'],
          ['judge eval --out results/gsm8k --task gsm8k --data ./gsm8k --target ./big --draft ./small'],
          ['judge eval --out results/he --task humaneval --data ./humaneval --arms headline,rivals'],
          ['judge eval --out results/pocket --margin 1 --shard 2/4', 'one of four processes'],
        ]),
        definitions('Arms', [...OTHER_ARMS, ...ARM_GROUPS], columns),
      ),
    )
    .action(async (flags) => {
      const { EVAL, measureCommand } = await import('./commands/measure.ts');
      finish(await measureCommand(withGlobals(flags), EVAL, world, argv));
    });
  command(
    'report',
    'rebuild a result folder’s page and tables, or compare two',
    'Rebuilds report.html, report.md and the CSV files of a result folder from its rows, without a model and without a network. The same folder gives the same bytes.',
  )
    .argument('<folders...>', 'what `judge eval --out` wrote')
    .option('--compare', 'two folders side by side, on the problems that both have')
    .option('--merge <folder>', 'make one folder of several that were run elsewhere')
    .option('--out <file>', 'where the comparison goes (default: comparison.html in the second folder)')
    .addHelpText(
      'after',
      after(
        shown([
          ['judge report results/pocket'],
          ['judge report --compare results/before results/after'],
          ['judge report --merge results/all results/machine-1 results/machine-2'],
        ]),
      ),
    )
    .action(async (folders, flags) => {
      const { reportCommand } = await import('./commands/report.ts');
      finish(await reportCommand(folders, withGlobals(flags), world));
    });
  command(
    'grade',
    'have another model grade MT-Bench’s answers',
    'Asks a model behind an OpenAI-compatible endpoint for a score of every turn and for a comparison with plain decoding’s answer in both orders, with MT-Bench’s own prompts. It can be stopped and goes on. The key is taken from JUDGE_API_KEY or OPENAI_API_KEY.',
  )
    .argument('<folder>', 'what `judge eval --task mt-bench --out` wrote')
    .requiredOption('--data <folder>', 'MT-Bench’s files: questions, reference answers, judge prompts')
    .requiredOption('--endpoint <url>', 'with its version, as in http://127.0.0.1:8000/v1')
    .requiredOption('--grader <name>', 'the model there')
    .addHelpText(
      'after',
      after(
        shown([['judge grade results/mt --data ./mt_bench --endpoint http://127.0.0.1:8000/v1 --grader m']]),
      ),
    )
    .action(async (folder, flags) => {
      const { gradeCommand } = await import('./commands/grade.ts');
      finish(await gradeCommand(folder, withGlobals(flags), world));
    });
  addArmFlags(
    addModelFlags(
      command(
        'texts',
        'how far is text of others accepted, by each rule?',
        'Offers texts of other authors as the draft and counts how many tokens in a row each rule accepts: the experiment that judge decoding began with. Texts come from a file, or are solutions of pocket problems that the other model’s author would have written, every second one with a mistake.',
      ),
    ),
    rules,
  )
    .argument('[file]', 'JSONL with prompt, text and, if it has one, mistake (the character where it begins)')
    .option(
      '--authors <list>',
      'who wrote the solutions of pocket problems: target or draft (the authors that the models learned from), other, even or contrary (whom neither has met), draft-model (its own answers) (default: draft)',
      authorsFlag,
    )
    .option(
      '--count <n>',
      'how many of each author (default: 60 of the pocket world, or the whole file)',
      countFlag('--count', 1),
    )
    .option(
      '--floor <p>',
      'no rule lets in what the target finds less likely (default: 1e-4, as everywhere; 0 shows what rules would do alone)',
      numberFlag('--floor', 'a number from 0, below 1', (value) => value >= 0 && value < 1),
    )
    .option('--out <file>', 'a page that shows the texts in colour')
    .option('--json', 'as JSON on stdout')
    .addHelpText(
      'after',
      after(
        shown([
          ['judge texts --arms strict,judge,fly --out texts.html'],
          ['judge texts --authors draft,other,even,contrary', 'authors that the target has and has not met'],
          ['judge texts answers.jsonl --target ./big --arms strict,fly,mars'],
        ]),
      ),
    )
    .action(async (file, flags) => {
      const { textsCommand } = await import('./commands/texts.ts');
      finish(await textsCommand(file, withGlobals(flags), world));
    });
}
