import type { Command } from 'commander';
import { badFlag, countFlag, repeatedFlag } from './flag-value.ts';

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
    .option(
      '--stop <text>',
      'end before this text; a special token’s name stands for the token (repeatable)',
      stopFlag,
    )
    .option('--system <text>', 'the system message');
}

function stopFlag(text: string, before?: readonly string[]): readonly string[] {
  if (text === '') throw badFlag('--stop', 'a text of at least one character', text);
  return repeatedFlag(text, before);
}
