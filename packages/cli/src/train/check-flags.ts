import type { Model } from '@judge-decoding/core';
import { badFlag } from '../options/flag-value.ts';
import { type LabelWay, RECIPES, type TrainFlags } from '../options/train-flags.ts';
import { listed } from '../render/listed.ts';
import { labelWay } from './label-source.ts';

/** What a flag may be, where that is one of a few words. */
const WORDS: readonly (readonly [flag: string, of: keyof TrainFlags, words: readonly string[]])[] = [
  ['--after-mistake', 'afterMistake', ['mask', 'negative', 'until-recovery']],
  ['--recipe', 'recipe', RECIPES],
  ['--fit-on', 'fitOn', ['mismatches', 'all']],
  ['--loss-by', 'lossBy', ['answers', 'tokens']],
  ['--walk', 'walk', ['semi-greedy', 'independent']],
];

/** Flags that mean something only where labels are made in these ways. */
const WAYS: readonly (readonly [flag: string, of: keyof TrainFlags, ways: readonly LabelWay[]])[] = [
  ['--data', 'data', ['people']],
  ['--questions', 'questions', ['equivalence', 'likelihood']],
  ['--walk', 'walk', ['equivalence']],
  ['--mismatches', 'mismatches', ['equivalence']],
  ['--samples', 'samples', ['equivalence']],
  ['--compare', 'compare', ['equivalence', 'likelihood']],
  ['--abreast', 'abreast', ['equivalence', 'likelihood']],
  ['--window', 'window', ['likelihood']],
  ['--most-loss', 'mostLoss', ['likelihood']],
  ['--like', 'like', ['likelihood']],
  ['--count', 'count', ['exact', 'equivalence', 'likelihood']],
  ['--max-tokens', 'maxTokens', ['exact', 'equivalence', 'likelihood']],
  ['--so-far', 'soFar', ['exact', 'equivalence', 'likelihood']],
];

const COMPARED: Readonly<Partial<Record<LabelWay, readonly string[]>>> = {
  equivalence: ['grade', 'answer'],
  likelihood: ['text', 'choices'],
};

/**
 * Everything that can be wrong with flags by themselves, said before a model is opened: not after the hours of
 * labelling that come before a fit. Flags that would mean nothing are refused, too.
 */
export function checkTrainFlags(flags: TrainFlags): LabelWay {
  const way = labelWay(flags);
  for (const [flag, of, words] of WORDS) {
    const value = flags[of] as string | undefined;
    if (value !== undefined && !words.includes(value)) throw badFlag(flag, oneOf(words), value);
  }
  for (const [flag, of, ways] of WAYS)
    if (flags[of] !== undefined && !ways.includes(way))
      throw badFlag(flag, `used only where --label is ${oneOf(ways)} (here it is ${way})`, String(flags[of]));
  const compared = COMPARED[way];
  if (compared !== undefined && flags.compare !== undefined && !compared.includes(flags.compare))
    throw badFlag('--compare', `${oneOf(compared)} where --label is ${way}`, flags.compare);
  if (flags.like !== undefined && flags.mostLoss !== undefined)
    throw badFlag(
      '--like',
      'left out where --most-loss is given: one of them sets the threshold',
      flags.like,
    );
  if (flags.recall !== undefined && (flags.loss !== undefined || flags.lossBy !== undefined))
    throw badFlag(
      '--recall',
      'left out where --loss or --loss-by is given: one of them chooses the threshold',
      String(flags.recall),
    );
  return way;
}

/** What a head may read is known once the model is open, and before it has done anything. */
export function checkLayers(
  { layers = [], draftStates }: TrainFlags,
  { info }: Model,
  withDraft: boolean,
): void {
  const offered = info.layersOffered ?? [];
  const other = layers.find((layer) => layer !== 'all' && !offered.includes(Number(layer)));
  if (other !== undefined || (layers.length > 0 && offered.length === 0))
    throw badFlag(
      '--layers',
      offered.length === 0
        ? 'left out: this backend offers the last layer only'
        : `among ${offered.join(', ')}, or all`,
      layers.join(' '),
    );
  if (draftStates && !withDraft)
    throw badFlag('--draft-states', 'left out where there is no draft model', 'it');
}

const oneOf = (words: readonly string[]): string => listed(words, 'or');
