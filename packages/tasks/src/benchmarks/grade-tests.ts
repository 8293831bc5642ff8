import { randomUUID } from 'node:crypto';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Language, RunProgram } from '../sandbox/run-program.ts';

const SAY: Readonly<Record<Language, (word: string) => string>> = {
  python: (word) => `print("\\n${word}")`,
  javascript: (word) => `console.log("\\n${word}");`,
  typescript: (word) => `console.log("\\n${word}");`,
};

/**
 * Whether a program with its tests runs to the end. A word that is made up for this run is said
 * behind the last test: a program that leaves early with code 0 has not passed.
 */
export async function passesTests(
  language: Language,
  source: string,
  runProgram: RunProgram | undefined,
): Promise<boolean> {
  if (runProgram === undefined)
    throw new JudgeDecodingError(
      'invalid-option',
      'Expected a way to run programs for a benchmark that is graded by tests, got none. Give `runProgram`, as `openSandbox` returns it.',
    );
  const word = randomUUID();
  const { ending, exitCode, stdout } = await runProgram({
    language,
    source: `${source}\n${SAY[language](word)}\n`,
  });
  return ending === 'exited' && exitCode === 0 && stdout.trimEnd().endsWith(word);
}
