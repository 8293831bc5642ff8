import type { Command } from 'commander';
import { badFlag, countFlag } from './flag-value.ts';

export interface ModelFlags {
  readonly target?: string;
  readonly draft?: string;
  readonly backend: string;
  readonly device?: string;
  readonly dtype?: string;
  readonly threads?: number;
  readonly context?: number;
}

/** Longer contexts cost memory from the start: ask for them. */
export const MOST_CONTEXT_BY_DEFAULT = 4096;

export function addModelFlags(command: Command): Command {
  return command
    .optionsGroup('Models:')
    .option('--target <folder>', 'the model whose answer counts (default: the embedded pocket pair)')
    .option(
      '--draft <folder>',
      'the small model that proposes; `ngram` proposes from the prompt, `none` nothing',
    )
    .optionsGroup('Machine:')
    .option('--backend <name>', 'what runs the models', 'cpu')
    .option('--device <name>', 'which of the backend’s devices')
    .option('--dtype <type>', 'run the weights as auto, fp32, int8 or int4 (default: auto)')
    .option(
      '--threads <n>',
      'threads for the target; the backend knows what its draft needs',
      countFlag('--threads', 1),
    )
    .option(
      '--context <n>',
      `tokens of context (default: the model’s, at most ${MOST_CONTEXT_BY_DEFAULT})`,
      countFlag('--context', 2),
    );
}

/** `--draft 16` is how llama.cpp once spelt the draft length. */
export function checkDraftIsNoNumber(draft: string | undefined): void {
  if (draft !== undefined && /^\d+$/.test(draft)) {
    throw badFlag('--draft', 'a model folder', draft, `For the draft length write --draft-length ${draft}.`);
  }
}
