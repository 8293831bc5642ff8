import type { Command } from 'commander';
import { countFlag, repeatedFlag } from './flag-value.ts';

export interface TextFlags {
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly system?: string;
}

export function addTextFlags(command: Command): Command {
  return command
    .optionsGroup('Text:')
    .option(
      '-n, --max-tokens <n>',
      'most tokens to write (default: to the end of the context)',
      countFlag('--max-tokens', 1),
    )
    .option('--stop <text>', 'end before this text (repeatable)', repeatedFlag)
    .option('--system <text>', 'the system message');
}
