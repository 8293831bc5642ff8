import { JudgeDecodingError } from '@judge-decoding/core';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { rewriteAliases } from './options/aliases.ts';
import { BACKENDS } from './pair/backends.ts';
import { buildProgram, isCommanderError } from './program.ts';
import { paintFor } from './render/paint.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import type { World } from './world.ts';

/** Runs one command line (without `node` and the script) and resolves to the exit code. */
export async function main(argv: readonly string[], given: Partial<World> = {}): Promise<number> {
  const { terminal: ours = processTerminal(), backends = BACKENDS } = given;
  const world: World = { terminal: ours, backends };
  const { terminal } = world;
  const paint = paintFor(terminal.err, terminal.env, { color: !argv.includes('--no-color') });
  let exitCode: number = EXIT.ok;
  try {
    const rewritten = rewriteAliases(argv);
    for (const warning of rewritten.warnings) terminal.err.write(`${paint.yellow('note:')} ${warning}\n`);
    const program = buildProgram(world, (code) => {
      exitCode = code;
    });
    if (rewritten.argv.length === 0) {
      program.outputHelp();
      return EXIT.ok;
    }
    await program.parseAsync([...rewritten.argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, terminal, paint.red('error:'));
  }
}

/** One line, no stack: what was expected, what came, what to do next. */
function report(error: unknown, { err, env }: Terminal, label: string): number {
  if (isCommanderError(error)) {
    // help and version have been printed and are no errors
    if (error.exitCode === 0) return EXIT.ok;
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\n\(?/, '. ')
      .replace(/\)$/, '');
    err.write(`${label} ${sentence(message)} See \`judge --help\`.\n`);
    return EXIT.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (JudgeDecodingError.is(error, 'aborted')) {
    err.write('Interrupted.\n');
    return EXIT.interrupted;
  }
  if (JudgeDecodingError.is(error)) {
    err.write(`${label} ${message}\n`);
    return exitCodeOf(error);
  }
  err.write(
    `${label} ${message}\nThis should not happen. With JUDGE_DEBUG=1 the place it came from is shown: please report it.\n`,
  );
  if (env.JUDGE_DEBUG && error instanceof Error) err.write(`${error.stack}\n`);
  return EXIT.unexpected;
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
