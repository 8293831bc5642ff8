import { Command, type CommanderError } from 'commander';
import { EXIT_CODES_HELP } from './exit-code.ts';
import { aliasesHelp } from './options/aliases.ts';
import { countFlag } from './options/flag-value.ts';
import { addModelFlags } from './options/model-flags.ts';
import { addOutputFlags } from './options/output-flags.ts';
import { addProblemFlags } from './options/problem-flags.ts';
import { addSamplingFlags } from './options/sampling-flags.ts';
import { addTextFlags } from './options/text-flags.ts';
import { addVerifyFlags } from './options/verify-flags.ts';
import { version } from './version.ts';
import type { World } from './world.ts';

/** What commander throws instead of leaving the process. */
export const isCommanderError = (error: unknown): error is CommanderError =>
  error instanceof Error && 'exitCode' in error && error.name === 'CommanderError';

/**
 * All commands and their flags. What a command does is loaded when it is called, so that `--help`
 * and a mistyped flag answer at once. `finish` receives the exit code.
 */
export function buildProgram(world: World, finish: (exitCode: number) => void): Command {
  const { terminal } = world;
  const program = new Command('judge');
  program
    .description(
      'Judge decoding: a small draft model proposes, the target verifies, and a linear judge on the target’s own hidden states lets in what is right though worded differently.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .option('--no-color', 'no colours (so does the variable NO_COLOR)')
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(terminal.out.columns, 110) })
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      // errors are shown by `main`, in one place
      writeErr: () => undefined,
    })
    .exitOverride();
  program.addHelpText('after', `\n${EXAMPLES}\n\n${ENVIRONMENT}\n\n${EXIT_CODES_HELP}`);

  const withGlobals = <Flags extends object>(flags: Flags) => ({ ...program.opts(), ...flags });
  const command = (name: string, summary: string, description = summary): Command =>
    program.command(name).summary(summary).description(description);

  program.commandsGroup('Try it:');
  addProblemFlags(
    command('demo', 'answer a pocket problem in judge mode, plain and strict measured beside it'),
  )
    .option('--letters', 'mark sources with brackets: [judge] {target}')
    .option('--threads <n>', 'threads for the target', countFlag('--threads', 1))
    .addHelpText('after', '\nExamples:\n  judge demo\n  judge demo --domain tables --index 7')
    .action(async (flags) => {
      const { demoCommand } = await import('./commands/demo.ts');
      finish(await demoCommand(withGlobals(flags), world));
    });
  withGenerationFlags(
    command('generate', 'write one text', 'Writes one text: text on stdout, everything else on stderr.')
      .argument('[prompt]', 'what to answer; piped in when absent')
      .option('-p, --prompt <text>', 'the prompt as a flag')
      .option('--raw', 'continue the prompt as it is, without the chat template'),
  )
    .addHelpText('after', `\n${GENERATE_EXAMPLES}\n\n${aliasesHelp()}`)
    .action(async (prompt, flags) => {
      const { generateCommand } = await import('./commands/generate.ts');
      finish(await generateCommand(prompt, withGlobals(flags), world));
    });
  withTextAndModelFlags(
    command('chat', 'talk, turn by turn', 'Talks turn by turn. /help lists what it understands.'),
  )
    .option('--letters', 'mark sources with brackets: [judge] {target}')
    .addHelpText(
      'after',
      '\nExamples:\n  judge chat --verify judge\n  judge chat --target ./Llama --draft ./small',
    )
    .action(async (flags) => {
      const { chatCommand } = await import('./commands/chat.ts');
      finish(await chatCommand(withGlobals(flags), world));
    });
  withTextAndModelFlags(
    addProblemFlags(command('problems', 'draw problems from the pocket world, and solve them with --solve'))
      .option('--count <n>', 'how many, from --index on (default: 1)', countFlag('--count', 1))
      .option('--solve', 'answer and grade them')
      .option('--json', 'problems, answers, tokens and statistics as JSON on stdout'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  judge problems --domain lists --count 3\n  judge problems --count 20 --solve --verify judge\n  judge generate "$(judge problems --domain words --index 4)"',
    )
    .action(async (flags) => {
      const { problemsCommand } = await import('./commands/problems.ts');
      finish(await problemsCommand(withGlobals(flags), world));
    });

  program.commandsGroup('Judge heads:');
  const train = command('train', 'fit judge heads: `judge train fit`').helpCommand(false);
  train.action(() => train.outputHelp());
  train
    .command('fit')
    .description(
      'Fits judge heads (pre-norm, post-norm, and one with the row before) on labelled tokens of the pocket world.',
    )
    .option('--out <folder>', 'where the head files go', 'heads')
    .option(
      '--problems <n>',
      'training problems (default: 150, minutes on a laptop)',
      countFlag('--problems', 3),
    )
    .option('--work <folder>', 'keep labels and features there: a stopped run goes on from them')
    .option('--seed <n>', 'the same seed gives the same head', countFlag('--seed', 0))
    .option('--target <folder>', 'default: the embedded pocket pair')
    .option('--draft <folder>', 'default: the embedded pocket pair')
    .option('--backend <name>', 'what runs the models', 'cpu')
    .option('--threads <n>', 'threads for the target', countFlag('--threads', 1))
    .addHelpText('after', '\nExample:\n  judge train fit --out my-head')
    .action(async (flags) => {
      const { trainFitCommand } = await import('./commands/train-fit.ts');
      finish(await trainFitCommand(withGlobals(flags), world));
    });
  command('inspect', 'what a model or a judge head is, without running it')
    .argument('<file>', 'a model folder, a GGUF file, or a head file')
    .option('--head <file...>', 'heads to hold against the model')
    .option('--json', 'as JSON')
    .action(async (file, flags) => {
      const { inspectCommand } = await import('./commands/inspect.ts');
      finish(await inspectCommand(file, withGlobals(flags), world));
    });

  program.commandsGroup('Check it:');
  addModelFlags(
    command('replay', 'ask for a trace’s decisions again, on another dtype, thread count or backend')
      .argument('<trace>', 'a file written by --trace')
      .option('--head <file>', 'default: the head named in the trace')
      .option('--allow-other-weights', 'replay on other weights of the same model')
      .option('--json', 'rounds and differences as JSON on stdout'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  judge generate "…" --verify judge --trace t.json\n  judge replay t.json --threads 1\n  judge replay t.json --dtype int8',
    )
    .action(async (file, flags) => {
      const { replayCommand } = await import('./commands/replay.ts');
      finish(await replayCommand(file, withGlobals(flags), world));
    });
  command('models', 'what is at hand: the embedded pair, folders in $JUDGE_MODELS, cached graphs')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { modelsCommand } = await import('./commands/models.ts');
      finish(await modelsCommand(withGlobals(flags), world));
    });
  command(
    'doctor',
    'check this machine: versions, backends, cache folder, a self-test, what speculation costs',
  )
    .option('--contract', 'hold the backend to every clause of the backend contract')
    .option('--backend <name>', 'which backend', 'cpu')
    .option('--target <folder>', 'the model to check with (default: the embedded pair’s)')
    .option('--draft <folder>', 'its draft, to measure what speculation costs')
    .option('--dtype <type>', 'run the weights as auto, fp32, int8 or int4')
    .option('--threads <n>', 'threads', countFlag('--threads', 1))
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      finish(await doctorCommand(withGlobals(flags), world));
    });
  program.addHelpCommand(
    new Command('help').argument('[command]').description('show a command’s help').helpGroup('Check it:'),
  );
  return program;
}

const withTextAndModelFlags = (command: Command): Command =>
  addTextFlags(addSamplingFlags(addVerifyFlags(addModelFlags(command))));

const withGenerationFlags = (command: Command): Command => addOutputFlags(withTextAndModelFlags(command));

const EXAMPLES = `Examples:
  judge demo                                          a problem, answered in colour
  judge problems --count 10 --solve --verify judge    ten problems, answered and graded
  judge generate "…" --target ./big --draft ./small   your own models, strict by default
  judge generate "…" --verify judge --threshold 0.9   let the judge in, lossy
  judge generate "…" --json | jq .statistics          numbers for a program`;

const GENERATE_EXAMPLES = `Examples:
  judge generate "$(judge problems)" --verify judge --compare
  judge generate "Once upon" --raw --target ./big --draft ./small -n 64
  judge generate "…" --verify judge+kl:0.3            either may let a token in
  judge generate "…" --verify lossless --temperature 0.8 --top-p 0.95 --seed 7
  judge generate "…" --speculative-config '{"num_speculative_tokens":12,"verify":{"allOf":["judge","topk:4"]}}'`;

const ENVIRONMENT = `Environment:
  JUDGE_CACHE    where graphs and measurements are kept
  JUDGE_MODELS   a folder of model folders: --target NAME finds them there
  NO_COLOR       no colours`;
