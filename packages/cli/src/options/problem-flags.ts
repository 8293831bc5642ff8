import { DOMAINS, type Domain, SPLITS, type Split } from '@judge-decoding/tasks';
import type { Command } from 'commander';
import { didYouMean } from './closest.ts';
import { badFlag, countFlag } from './flag-value.ts';

/** Which problem of the pocket world. */
export interface ProblemFlags {
  readonly domain?: Domain;
  readonly split?: Split;
  readonly index?: number;
}

const oneOf =
  <Word extends string>(flag: string, words: readonly Word[]) =>
  (text: string): Word => {
    const found = words.find((word) => word === text);
    if (found === undefined)
      throw badFlag(flag, `one of ${words.join(', ')}`, text, didYouMean(text, words).trim());
    return found;
  };

export function addProblemFlags(command: Command): Command {
  return command
    .optionsGroup('Problems:')
    .option(
      '--domain <name>',
      `${DOMAINS.join(', ')} (default: those that the pair has learned, in turn)`,
      oneOf('--domain', DOMAINS),
    )
    .option('--split <name>', `${SPLITS.join(', ')} (default: dev)`, oneOf('--split', SPLITS))
    .option('--index <n>', 'the same index is always the same problem (default: 0)', countFlag('--index', 0));
}
