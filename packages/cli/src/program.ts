import { JudgeDecodingError, type RuleRow } from '@judge-decoding/core';
import { Command, type CommanderError } from 'commander';
import { EXIT_CODES } from './exit-code.ts';
import { ENVIRONMENT, EXAMPLES, GENERATE_EXAMPLES } from './help-examples.ts';
import { addMeasureCommands, type CommandKit } from './measure-commands.ts';
import { aliasesHelp } from './options/aliases.ts';
import { didYouMean } from './options/closest.ts';
import { countFlag, threadsFlag } from './options/flag-value.ts';
import { addModelFlags, DTYPE_HELP } from './options/model-flags.ts';
import { addOutputFlags } from './options/output-flags.ts';
import { addOverGpus } from './options/over-gpus.ts';
import { addProblemFlags } from './options/problem-flags.ts';
import { acceptanceFlag } from './options/run-flags.ts';
import { addSamplingFlags } from './options/sampling-flags.ts';
import { addTextFlags } from './options/text-flags.ts';
import { addRulesFlag, addVerifyFlags } from './options/verify-flags.ts';
import { addPlanCommand } from './plan-command.ts';
import { definitions, type Example, examples } from './render/examples.ts';
import { helpLayout } from './render/help-layout.ts';
import { ruleSections } from './render/rule-help.ts';
import { wrap } from './render/wrap.ts';
import { addTrainCommands } from './train-commands.ts';
import { version } from './version.ts';
import type { World } from './world.ts';

const COMMANDS: readonly string[] = [
  'demo',
  'generate',
  'chat',
  'problems',
  'playground',
  'train',
  'annotate',
  'inspect',
  'replay',
  'models',
  'bench',
  'eval',
  'report',
  'grade',
  'texts',
  'plan',
  'doctor',
];

/** What commander throws instead of leaving the process. */
export const isCommanderError = (error: unknown): error is CommanderError =>
  error instanceof Error && 'exitCode' in error && error.name === 'CommanderError';

/**
 * All commands and their flags. What a command does is loaded when it is called, so that `--help`
 * and a mistyped flag answer at once. `finish` receives the exit code.
 */
export function buildProgram(
  world: World,
  finish: (exitCode: number) => void,
  argv: readonly string[] = [],
): Command {
  const { terminal, rules } = world;
  const columns = Math.min(terminal.out.columns, 110);
  const after = (...parts: readonly string[]) => `\n${parts.join('\n\n')}`;
  const rulesAreInGenerate = wrap(RULES_ARE_IN_GENERATE, columns).join('\n');
  const shown = (list: readonly Example[]) => examples('Examples', list, columns);
  const program = new Command('judge');
  program
    .description(
      'Judge decoding: a small draft model proposes, the target verifies, and a linear judge on the target’s own hidden states lets in what is right though worded differently. It runs models of yours, or two small ones that come with it: the pocket pair. It solves small problems of three kinds with whole numbers up to 9,999 (stories, tables, lists; answers are numbers, names or lists), and understands nothing else.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .option('--no-color', 'no colours (so does the variable NO_COLOR)')
    .configureHelp({ showGlobalOptions: true, helpWidth: columns, ...helpLayout })
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      // errors are shown by `main`, in one place
      writeErr: () => undefined,
    })
    .exitOverride();
  program.addHelpText(
    'after',
    after(
      shown(EXAMPLES),
      definitions('Environment', ENVIRONMENT, columns),
      definitions('Exit codes', EXIT_CODES, columns),
    ),
  );

  const withGlobals = <Flags extends object>(flags: Flags) => ({ ...program.opts(), ...flags });
  const command = (name: string, summary: string, description = summary): Command =>
    program.command(name).summary(summary).description(description);

  program.commandsGroup('Try it:');
  addProblemFlags(
    command(
      'demo',
      'answer a pocket problem in judge mode, plain and strict measured beside it',
      'Answers a problem of the pocket world in judge mode, marks who let each token in, then measures plain and strict decoding of the same problem beside it. `npm start` runs it. With a problem of your own it answers that one.',
    ).argument(
      '[problem...]',
      'a problem of your own; without it and without --index, --domain and --split a fixed one in everyday words',
    ),
  )
    .optionsGroup('Options:')
    .option('--letters', 'mark sources with brackets: [judge] {target}')
    .option('--threads <n>', 'threads for the target', threadsFlag)
    .addHelpText(
      'after',
      after(
        shown([
          ['judge demo'],
          ['judge demo --domain lists --index 7', 'another problem'],
          ['judge demo "Mia has 9 pens. She buys 3. How many are left?"', 'your own'],
        ]),
      ),
    )
    .action(async (words: string[], flags) => {
      const { demoCommand } = await import('./commands/demo.ts');
      finish(await demoCommand(words, withGlobals(flags), world));
    });
  const withModelsAndText = (command: Command) => withTextAndModelFlags(command, rules);
  addOutputFlags(
    withModelsAndText(
      command(
        'generate',
        'write one text',
        'Writes one text. The text goes to stdout, everything else (settings, notes, statistics) to stderr.',
      )
        .usage('[options] [prompt]') // fits 40 columns; more than one word is an error with a hint
        .argument(
          '[prompt...]',
          'what to answer, in quotes; piped in when absent or `-`; `-` behind it adds what is piped in',
        )
        .option('-p, --prompt <text>', 'the prompt as a flag')
        .option('--raw', 'continue the prompt as it is, without the chat template')
        .option('--special', 'with --raw: read special tokens that are typed in the prompt'),
    ),
  )
    .addHelpText(
      'after',
      after(shown(GENERATE_EXAMPLES), ...ruleSections(rules, columns), aliasesHelp(columns)),
    )
    .action(async (prompt, flags) => {
      const { generateCommand } = await import('./commands/generate.ts');
      finish(await generateCommand(prompt, withGlobals(flags), world));
    });
  withModelsAndText(
    command(
      'chat',
      'talk, turn by turn',
      'Talks turn by turn; each turn reads only what is new in the conversation. /help lists what it understands, Ctrl-C stops an answer, Ctrl-D leaves.',
    ),
  )
    .option('--letters', 'mark sources with brackets: [judge] {target}')
    .addHelpText(
      'after',
      after(
        shown([
          ['judge chat --verify judge', 'with the pocket pair, which only speaks its own world'],
          ['judge chat --target big.gguf --draft small.gguf', 'your own models'],
          ['judge chat --target big.gguf --system "Answer in one sentence."'],
        ]),
        rulesAreInGenerate,
      ),
    )
    .action(async (flags) => {
      const { chatCommand } = await import('./commands/chat.ts');
      finish(await chatCommand(withGlobals(flags), world));
    });
  withModelsAndText(
    addProblemFlags(
      command(
        'problems',
        'draw problems from the pocket world, and solve them with --solve',
        'Draws problems from the pocket world, whose truth is known: with --solve they are answered and graded. The pocket pair speaks this world and no other.',
      ),
    )
      .option('--count <n>', 'how many, from --index on (default: 1)', countFlag('--count', 1))
      .option('--solve', 'answer and grade them')
      .option('--json', 'problems, answers, tokens and statistics as JSON on stdout'),
  )
    .addHelpText(
      'after',
      after(
        shown([
          ['judge problems --domain lists --count 3'],
          ['judge problems --count 20 --solve --verify judge', 'how often is it right?'],
          ['judge generate "$(judge problems --domain words --index 4)"'],
        ]),
        rulesAreInGenerate,
      ),
    )
    .action(async (flags) => {
      const { problemsCommand } = await import('./commands/problems.ts');
      finish(await problemsCommand(withGlobals(flags), world));
    });

  command(
    'playground',
    'the same in a browser: answers as they happen, a race, what-if, traces',
    'Serves the playground to this machine: answers token by token as they happen, plain, strict and judge in a race, what-if, rules side by side, and any trace step by step. Models run in the browser. It needs the package @judge-decoding/playground.',
  )
    .argument('[trace]', 'a file written by --trace, for the step viewer')
    .option('--port <n>', 'the port (default: 4178, or the next that is free)', countFlag('--port', 0))
    .option('--isolated', 'send COOP and COEP: WebAssembly then uses several threads')
    .addHelpText(
      'after',
      after(
        shown([
          ['judge playground'],
          ['judge playground trace.json', 'a trace, step by step'],
          ['judge playground --isolated', 'larger models on the processor'],
        ]),
      ),
    )
    .action(async (trace, flags) => {
      const { playgroundCommand } = await import('./commands/playground.ts');
      finish(await playgroundCommand(trace, withGlobals(flags), world));
    });

  program.commandsGroup('Judge heads:');
  const train = command(
    'train',
    'fit judge heads: `judge train run` for any pair, `fit` for the pocket world',
    'Fits judge heads: `run` does all of it for any pair and any questions, the others are its parts. `judge train run --help` tells more.',
  ).helpCommand(false);
  // a name that is none would be said to be an argument too many
  train.usage('[options] [command]').argument('[command]');
  train.action((name: string | undefined) => {
    if (name !== undefined)
      throw noSuchCommand(
        'train ',
        name,
        train.commands.map((one) => one.name()),
      );
    train.outputHelp();
  });
  addTrainCommands(train, { command, after, shown, withGlobals, finish, world });
  command(
    'inspect',
    'what a model or a judge head is, without running it',
    'Says what a model is (architecture, shapes, what runs it as which type and what that takes, cache per token, chat template, which heads fit) or what a judge head was fitted for. Nothing is run.',
  )
    .argument('<file>', 'a model folder, a GGUF file, or a head file')
    .option(
      '--head <file...>',
      'heads to hold against the model (default: those in a folder `heads` beside it)',
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      after(
        shown([
          ['judge inspect ./SmolLM2-135M-Instruct'],
          ['judge inspect model.gguf --head a.safetensors b.safetensors', 'do these heads fit?'],
          ['judge inspect head.safetensors', 'what was it fitted for?'],
        ]),
      ),
    )
    .action(async (file, flags) => {
      const { inspectCommand } = await import('./commands/inspect.ts');
      finish(await inspectCommand(file, withGlobals(flags), world));
    });

  program.commandsGroup('Measure it:');
  const kit: CommandKit = { command, after, shown, withGlobals, finish, world, argv, columns };
  addMeasureCommands(kit);
  addPlanCommand(kit);
  program.commandsGroup('Check it:');
  addRulesFlag(
    asInTheTrace(
      addModelFlags(
        command(
          'replay',
          'ask for a trace’s decisions again, on another dtype, thread count or backend',
          'Asks for every decision of a trace again, on another dtype, thread count or backend, and explains each one that differs: a near tie of the target, or a score close to the threshold, is excused; anything else ends with exit code 4.',
        )
          .argument('<trace>', 'a file written by --trace')
          .option('--head <file>', 'another head (default: the head named in the trace)')
          .option('--allow-other-weights', 'replay on other weights of the same model')
          .option('--json', 'rounds and differences as JSON on stdout'),
      ),
    ),
  )
    .addHelpText(
      'after',
      after(
        shown([
          ['judge generate "…" --verify judge --trace t.json', 'writes a trace'],
          ['judge replay t.json --threads 1', 'the same weights: the same decisions'],
          ['judge replay t.json --dtype int8', 'rounded weights: what changes, and why'],
        ]),
      ),
    )
    .action(async (file, flags) => {
      const { replayCommand } = await import('./commands/replay.ts');
      finish(await replayCommand(file, withGlobals(flags), world));
    });
  command(
    'models',
    'what is at hand: the embedded pair, folders in $JUDGE_MODELS, cached graphs',
    'Lists what is at hand: the embedded pocket pair, Hugging Face folders and GGUF files in $JUDGE_MODELS, and the graphs that were made of them.',
  )
    .option('--json', 'as JSON')
    .option('--prune <name...>', 'delete cached graphs: of a model, of an entry, or all')
    .addHelpText(
      'after',
      after(
        shown([
          ['JUDGE_MODELS=~/models judge models'],
          ['judge models --prune Qwen2.5-0.5B', 'delete what was made of it'],
        ]),
      ),
    )
    .action(async (flags) => {
      const { modelsCommand } = await import('./commands/models.ts');
      finish(await modelsCommand(withGlobals(flags), world));
    });
  addOverGpus(
    command(
      'doctor',
      'check this machine: versions, backends, cache folder, a self-test, what speculation costs',
      'Checks this machine: versions, backends, the cache folder, a self-test; and with a draft what speculation costs here, measured afresh. Exit code 3 where something is bad.',
    ),
  )
    .option('--contract', 'hold the backend to every clause of the backend contract')
    .option('--backend <name>', 'which backend', 'cpu')
    .option('--target <model>', 'the model to check with (default: the embedded pair’s)')
    .option('--draft <model>', 'its draft, to measure what speculation costs')
    .option('--device <name>', 'which of its devices, such as cuda:1, or cuda:0,1 (default: its first)')
    .option('--dtype <type>', DTYPE_HELP)
    .option('--exact', 'with exact passes: see `judge generate --help`')
    .option('--threads <n>', 'threads', threadsFlag)
    .option(
      '--synthetic-acceptance <what>',
      'what a draft of such acceptance would give here: a rate (0.8), a length (length:19), or a file with a profile',
      acceptanceFlag,
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      after(
        shown([
          ['judge doctor'],
          ['judge doctor --target big.gguf --draft small.gguf', 'does drafting pay here?'],
          ['judge doctor --contract --dtype int8 --exact', 'every promise of the backend'],
        ]),
      ),
    )
    .action(async (flags) => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      finish(await doctorCommand(withGlobals(flags), world));
    });
  program.addHelpCommand(
    new Command('help').argument('[command]').description('show a command’s help').helpGroup('Check it:'),
  );
  return program;
}

/** `judge help nonsense`: commander would show the whole help as an error. */
export function checkHelp([first, name]: readonly string[]): void {
  if (first !== 'help' || name === undefined || name.startsWith('-')) return;
  if (!COMMANDS.includes(name) && name !== 'help') throw noSuchCommand('', name, COMMANDS);
}

const noSuchCommand = (under: string, name: string, known: readonly string[]): JudgeDecodingError =>
  new JudgeDecodingError(
    'invalid-option',
    `Expected a command of judge${under === '' ? '' : ` ${under.trim()}`}, got ${name}.${didYouMean(name, known)} See \`judge ${under}--help\`.`,
  );

/** What a trace says of its run, so that the defaults of other commands do not hold. */
const IN_THE_TRACE = [
  ...['--target', '--draft', '--backend', '--dtype', '--threads', '--context', '--exact', '--prefill'],
];

function asInTheTrace(command: Command): Command {
  for (const option of command.options) {
    if (!IN_THE_TRACE.includes(option.long ?? '')) continue;
    const plain = option.description.replace(/ \(default: .*\)$/, '');
    option.description = `${plain} (default: as in the trace)`;
    if (option.defaultValue === undefined) continue;
    option.default(undefined);
    command.setOptionValue(option.attributeName(), undefined);
  }
  return command;
}

const withTextAndModelFlags = (command: Command, rules: readonly RuleRow[]): Command =>
  addTextFlags(addSamplingFlags(addVerifyFlags(addModelFlags(command), rules)));

const RULES_ARE_IN_GENERATE = '`judge generate --help` explains the rules for --verify.';
