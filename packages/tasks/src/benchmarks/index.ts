import { invalidOption } from '@judge-decoding/core';
import { arcChallenge, arcEasy } from './arc.ts';
import type { Benchmark } from './benchmark.ts';
import { gsm8k } from './gsm8k.ts';
import { humaneval, humanevalJs, humanevalTs } from './humaneval.ts';
import { mbpp } from './mbpp.ts';
import { mmlu } from './mmlu.ts';
import { mtBench, specBench } from './mt-bench.ts';
import { ownRows } from './own-rows.ts';

export type { Language, Program, ProgramResult, RunProgram } from '../sandbox/run-program.ts';
export type { Benchmark, LoadOptions } from './benchmark.ts';
export { chosenLetter } from './grade-choice.ts';
export { finalNumber, isNumber } from './grade-number.ts';
export { type Question, readQuestions } from './questions.ts';
export {
  inTokens,
  type Message,
  type TextProblem,
  type TextTokenizer,
  type Verdict,
} from './text-problem.ts';

/** Every benchmark there is. */
export const BENCHMARKS: readonly Benchmark[] = [
  gsm8k,
  humaneval,
  humanevalJs,
  humanevalTs,
  mbpp,
  mtBench,
  arcEasy,
  arcChallenge,
  mmlu,
  specBench,
  ownRows,
];

/**
 * The benchmark of that name, as `BENCHMARKS` has it.
 *
 * @throws JudgeDecodingError `invalid-option` where there is none; the sentence lists all.
 */
export function benchmarkNamed(name: string): Benchmark {
  const found = BENCHMARKS.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw invalidOption('benchmark', `one of ${BENCHMARKS.map((one) => one.name).join(', ')}`, name);
}
