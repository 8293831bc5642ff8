import { JudgeDecodingError, RULES } from '@judge-decoding/core';
import type { Command } from 'commander';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { watchInterrupts } from './interrupt.ts';
import { rewriteAliases } from './options/aliases.ts';
import { loadRules } from './options/rules-flag.ts';
import { BACKENDS } from './pair/backends.ts';
import { buildProgram, checkHelp, isCommanderError } from './program.ts';
import { paintFor } from './render/paint.ts';
import { printable } from './render/printable.ts';
import { hanging, writeWrapped } from './render/wrap.ts';
import { processTerminal, type Terminal, widthOf } from './terminal.ts';
import type { World } from './world.ts';

/**
 * Runs one command line (without `node` and the script) and resolves to the exit code. Where Ctrl-C
 * leaves work undone, it has the terminal's process leave before that.
 */
export async function main(argv: readonly string[], given: Partial<World> = {}): Promise<number> {
  const { terminal: ours = processTerminal(), backends = BACKENDS, rules: known = RULES, script } = given;
  const { terminal, left, off } = watchInterrupts(ours);
  const paint = paintFor(terminal.err, terminal.env, { color: !argv.includes('--no-color') });
  let exitCode: number = EXIT.ok;
  let program: Command | undefined;
  const said = (code: number) => (code === EXIT.interrupted ? (terminal.interruptCode?.() ?? code) : code);
  try {
    const rewritten = rewriteAliases(argv);
    for (const warning of rewritten.warnings)
      writeWrapped(terminal.err, `${paint.yellow('note:')} ${warning}`);
    checkHelp(rewritten.argv);
    const { rules, from: rulesFrom } = await loadRules(rewritten.argv, known);
    const world: World = {
      terminal,
      backends,
      rules,
      rulesFrom,
      ...(script === undefined ? {} : { script }),
    };
    program = buildProgram(
      world,
      (code) => {
        exitCode = code;
      },
      rewritten.argv,
    );
    if (rewritten.argv.length === 0) {
      program.outputHelp();
      return EXIT.ok;
    }
    await Promise.race([program.parseAsync([...rewritten.argv], { from: 'user' }), left]);
    return said(exitCode);
  } catch (error) {
    const code = report(error, terminal, paint.red('error:'), commandOf(argv, program));
    // a model that was being opened may still be at it, and nobody is left to wait for that
    if (code === EXIT.interrupted) terminal.leave();
    return said(code);
  } finally {
    off();
  }
}

/** One line, no stack: what was expected, what came, what to do next. */
function report(error: unknown, { err, env }: Terminal, label: string, command: string): number {
  const said = (text: string) => hanging(`${label} `, printable(text), widthOf(err), 0).join('\n');
  if (isCommanderError(error)) {
    // help and version have been printed and are no errors
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code === 'commander.excessArguments') {
      err.write(`${said(tooMuch(command))}\n`);
      return EXIT.usage;
    }
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\n\(?/, '. ')
      .replace(/\)$/, '');
    err.write(`${said(`${sentence(message)} See \`judge ${command}--help\`.`)}\n`);
    return EXIT.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (JudgeDecodingError.is(error, 'aborted')) {
    // whatever stands in the line (a progress bar, ^C) is drawn over
    err.write(`${err.isTerminal ? '\r\u001b[K' : ''}Interrupted.\n`);
    return EXIT.interrupted;
  }
  if (JudgeDecodingError.is(error)) {
    err.write(`${said(message)}\n`);
    return exitCodeOf(error);
  }
  err.write(
    `${said(message)}\nThis should not happen. With JUDGE_DEBUG=1 the place it came from is shown: please report it.\n`,
  );
  if (env.JUDGE_DEBUG && error instanceof Error) err.write(`${error.stack}\n`);
  return EXIT.unexpected;
}

/** What stands behind a command that takes no more. */
const tooMuch = (command: string): string =>
  command === 'chat '
    ? 'Expected nothing behind `judge chat` but flags: it asks for each turn itself. `judge generate "…"` answers one prompt.'
    : `Expected fewer words behind \`judge ${command.trim()}\`. Put what belongs together in quotes; see \`judge ${command}--help\`.`;

/** Whose help to point to: the command that was called, if it is one. */
function commandOf(argv: readonly string[], program: Command | undefined): string {
  let called = '';
  let at = program;
  for (const word of argv) {
    at = at?.commands.find((command) => command.name() === word);
    if (at === undefined) break;
    called += `${word} `;
  }
  return called;
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
