import { JudgeDecodingError } from '@judge-decoding/core';
import { pocketProblem, SPLITS, type Split, type TaskProblem } from '@judge-decoding/tasks';
import { BENCHMARKS, inTokens } from '@judge-decoding/tasks/benchmarks';
import { openSandbox, type Sandbox } from '@judge-decoding/tasks/sandbox';
import { problemsOf } from '../commands/problems.ts';
import { didYouMean } from '../options/closest.ts';
import { badFlag } from '../options/flag-value.ts';
import type { RunFlags } from '../options/run-flags.ts';
import type { RunPair } from './open-run-pair.ts';

/** Problems in the tokens of a pair, and what they are as text. */
export interface LoadedProblems {
  readonly task: string;
  readonly split: string;
  readonly shots: number | null;
  readonly problems: readonly TaskProblem[];
  readonly questionOf: (problem: string) => string | undefined;
  readonly sandbox: Sandbox | undefined;
}

/** What can be said about the flags before any model is opened. */
export function checkTaskFlags({ task = 'pocket', data }: RunFlags): void {
  const names = ['pocket', ...BENCHMARKS.map(({ name }) => name)];
  if (!names.includes(task))
    throw badFlag('--task', `one of ${names.join(', ')}`, task, didYouMean(task, names).trim());
  if (task !== 'pocket' && data === undefined) {
    const { files } = BENCHMARKS.find(({ name }) => name === task)!;
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected --data with the files of ${task}, got none: ${files}. They are not part of judge-decoding.`,
    );
  }
}

export async function loadProblems(flags: RunFlags, pair: RunPair, count: number): Promise<LoadedProblems> {
  const { task = 'pocket', from = 0 } = flags;
  if (pair.tokenizer === undefined) return madeUp(pair, count, flags.promptTokens ?? 128);
  if (task === 'pocket') return pocket(flags, pair, from, count);
  const benchmark = BENCHMARKS.find(({ name }) => name === task)!;
  const sandbox =
    benchmark.grading === 'tests' || benchmark.grading === 'own'
      ? await openSandbox(flags.unsandboxed ? { mechanism: 'none' } : {}).catch((error) => {
          // rows of one's own may need none
          if (benchmark.grading === 'own') return undefined;
          throw error;
        })
      : undefined;
  const all = await benchmark.load(flags.data!, {
    ...(flags.split === undefined ? {} : { split: flags.split }),
    ...(flags.shots === undefined ? {} : { shots: flags.shots }),
    ...(flags.anyCount ? { count: 'any' as const } : {}),
    ...(sandbox === undefined ? {} : { runProgram: sandbox.run }),
  });
  const chosen = all.slice(from, flags.problems === undefined ? undefined : from + count);
  if (chosen.length === 0)
    throw badFlag('--from', `below ${all.length}, which is how many problems there are`, String(from));
  const texts = new Map(chosen.map(({ id, messages }) => [id, messages.at(-1)!.content]));
  const { tokenizer } = pair;
  return {
    task,
    split: flags.split ?? benchmark.splits[0]!,
    shots: flags.shots ?? benchmark.shots,
    problems: chosen.map((problem) => inTokens(problem, tokenizer)),
    questionOf: (id) => texts.get(id),
    sandbox,
  };
}

function pocket(flags: RunFlags, pair: RunPair, from: number, count: number): LoadedProblems {
  const { split = 'dev' } = flags;
  if (!(SPLITS as readonly string[]).includes(split))
    throw badFlag('--split', `one of ${SPLITS.join(', ')}`, split);
  if (flags.shots !== undefined)
    throw badFlag('--shots', 'left out for the pocket world', String(flags.shots));
  const drawn = problemsOf({ split: split as Split, index: from }, count);
  const texts = new Map(drawn.map(({ id, prompt }) => [id, prompt]));
  return {
    task: 'pocket',
    split,
    shots: null,
    problems: drawn.map((problem) => pocketProblem(problem, pair.tokenizer!)),
    questionOf: (id) => texts.get(id),
    sandbox: undefined,
  };
}

/** Prompts for models of made-up weights: ids, and nothing that could be right. */
function madeUp({ target }: RunPair, count: number, tokens: number): LoadedProblems {
  const { vocabSize } = target.info;
  return {
    task: 'made-up prompts',
    split: 'none',
    shots: null,
    problems: Array.from({ length: count }, (_, index) => ({
      id: `made-up/${index}`,
      domain: 'made-up',
      prompt: Array.from({ length: tokens }, (_, at) => (at * 7 + index * 13 + 3) % vocabSize),
      grade: () => undefined,
    })),
    questionOf: () => undefined,
    sandbox: undefined,
  };
}
