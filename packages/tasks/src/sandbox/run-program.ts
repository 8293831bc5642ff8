/** What a program may be written in. */
export type Language = 'python' | 'javascript' | 'typescript';

/** A program that nobody has read. */
export interface Program {
  readonly language: Language;
  readonly source: string;
}

/** How it ended. Everything but `exited` was ended by a limit. */
export type Ending = 'exited' | 'timeout' | 'memory' | 'processes' | 'output';

/** What a program did: its exit code, what it wrote (cut at the limit), and how long it ran, by the clock. */
export interface ProgramResult {
  readonly ending: Ending;
  /** Absent where it was ended. */
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Runs a program and resolves however it ends; rejects only where none can be run. */
export type RunProgram = (program: Program) => Promise<ProgramResult>;
