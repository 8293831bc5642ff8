import { resolve } from 'node:path';
import { openCheckpoint, openTokenizer } from '@judge-decoding/checkpoint';
import { targetFolder } from '@judge-decoding/pocket-pair';
import { DOMAINS, drawProblem } from '@judge-decoding/tasks';
import type { Case } from './in-turns.ts';
import { flag } from './workspace.ts';

export type Dtype = 'fp32' | 'int8' | 'int4';
export type Mode = 'plain' | 'strict' | 'judge';

/** One way to decode, and how many tokens a round drafts. */
export interface Arm {
  readonly name: string;
  readonly mode: Mode;
  readonly draftLength: number;
  /** Below this, by the draft's own word, a token ends its draft. */
  readonly leastProbability?: number;
}

/** Plain decoding, and the other modes by each of `--draft-lengths`: `16` or, with a least probability, `16@0.55`. */
export const armsOf = (modes: readonly Mode[]): readonly Arm[] =>
  modes.flatMap((mode): Arm[] =>
    mode === 'plain'
      ? [{ name: mode, mode, draftLength: 0 }]
      : flag('draft-lengths', '8,16')
          .split(',')
          .map((length) => {
            const [most, least] = length.split('@');
            return {
              name: `${mode}, ${least === undefined ? most : `at most ${most} while p is ${least} or more,`} drafted`,
              mode,
              draftLength: Number(most),
              ...(least === undefined ? {} : { leastProbability: Number(least) }),
            };
          }),
  );

/** Whose weights are raced, and how they decode: of a folder or GGUF file of one's own plainly. */
export function raced(): {
  readonly pocket: boolean;
  readonly target: string;
  readonly modes: readonly Mode[];
} {
  const model = flag('model', 'pocket');
  const pocket = model === 'pocket';
  return {
    pocket,
    target: pocket ? targetFolder : resolve(model),
    modes: (pocket ? flag('modes', 'plain,strict,judge') : 'plain').split(',') as Mode[],
  };
}

/** What is written: problems of the pocket world, or what follows texts of no meaning. */
export const casesOf = (): Promise<readonly Case[]> => (raced().pocket ? problems() : texts());

/** Development problems, domain after domain. */
async function problems(): Promise<readonly Case[]> {
  const tokenizer = await openTokenizer(targetFolder);
  return Array.from({ length: Number(flag('problems', '8')) }, (_, index) => {
    const domain = DOMAINS[index % DOMAINS.length]!;
    const { prompt } = drawProblem({ domain, split: 'dev', index: 100 + index });
    return {
      group: 'problems',
      prompt: tokenizer.encodeChat([{ role: 'user', content: prompt }]),
      maxTokens: 400,
    };
  });
}

/** As many tokens as each length says. */
async function texts(): Promise<readonly Case[]> {
  const checkpoint = await openCheckpoint(raced().target);
  const { tokenCount } = checkpoint.config;
  await checkpoint.dispose();
  return flag('lengths', '100,4000')
    .split(',')
    .map(Number)
    .map((length) => ({
      group: `after ${length} tokens`,
      prompt: Array.from({ length }, (_, index) => (index * 7919 + 11) % Math.min(tokenCount, 40_000)),
      maxTokens: Number(flag('tokens', '48')),
    }));
}
