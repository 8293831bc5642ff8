import { type Admission, JudgeDecodingError, type Round } from '@judge-decoding/core';
import type { TaskProblem, TokenReader } from '@judge-decoding/tasks';

/**
 * Admits draft[i] if and only if the problem's recogniser says that it is not wrong after the text
 * and draft[0 .. i-1], all of them accepted. While a mistake stands (made by the target itself) it
 * admits nothing. For one generation of one problem.
 *
 * @throws JudgeDecodingError `unsupported` for a problem whose truth nobody knows.
 */
export function oracle(problem: TaskProblem): Admission {
  const reader = problem.reader?.();
  if (reader === undefined)
    throw new JudgeDecodingError(
      'unsupported',
      `The arm \`oracle\` knows which token is right, and of ${problem.id} nobody does. Leave it out.`,
    );
  const committed = { reader, length: problem.prompt.length };
  let round: Round | undefined;
  let drafted: { reader: TokenReader; length: number };
  return {
    name: 'oracle',
    needs: { target: {}, draft: 'nothing' },
    decoding: 'either',
    admits(now, index) {
      for (; committed.length < now.text.length; committed.length++)
        committed.reader.feed(now.text[committed.length]!);
      if (now !== round) {
        round = now;
        drafted = { reader: committed.reader.clone(), length: 0 };
      }
      for (; drafted.length < index; drafted.length++) drafted.reader.feed(now.draft[drafted.length]!);
      return drafted.reader.clone().feed(now.draft[index]!) === 'ok';
    },
  };
}
