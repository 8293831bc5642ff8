import type { Command } from 'commander';

export interface OutputFlags {
  readonly json?: boolean;
  readonly trace?: string;
  readonly compare?: boolean;
  readonly letters?: boolean;
  /** commander's `--no-color`. */
  readonly color: boolean;
}

export function addOutputFlags(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'text, tokens with source and score, statistics and timings as JSON on stdout')
    .option('--trace <file>', 'write every round to a file, for `judge replay`')
    .option('--compare', 'measure plain and strict decoding beside it')
    .option(
      '--letters',
      'mark sources with brackets: [judge] {target}; for logs and eyes that see no colour',
    );
}
