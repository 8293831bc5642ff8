import type { RunProgram } from '../sandbox/run-program.ts';
import type { TextProblem } from './text-problem.ts';

/** What of a benchmark is wanted, and what grading it may need. */
export interface LoadOptions {
  /** One of the benchmark's splits; its usual one when absent. */
  readonly split?: string;
  /** Examples before the question; the benchmark's usual number when absent. */
  readonly shots?: number;
  /** Refuse files that have not as many rows as were published, or take any. */
  readonly count?: 'published' | 'any';
  /** Runs model-written programs; needed by those who grade by tests. */
  readonly runProgram?: RunProgram;
}

/** A public set of problems, read from the files that were published. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** Which files are expected where, as a person would say it. */
  readonly files: string;
  /** How it is asked, and after whom. */
  readonly template: string;
  readonly grading: 'number' | 'choice' | 'tests' | 'judge' | 'own';
  readonly splits: readonly string[];
  /** Examples before the question unless told otherwise. */
  readonly shots: number;
  /** Reads the files below `folder`, or below its subfolder of the benchmark's name. */
  load(folder: string, options?: LoadOptions): Promise<readonly TextProblem[]>;
}

/** Where a file may be: in the folder itself, or in the benchmark's own folder below it. */
export const besides = (names: readonly string[], ...paths: readonly string[]): readonly string[] => [
  ...paths,
  ...names.flatMap((name) => paths.map((path) => `${name}/${path}`)),
];
