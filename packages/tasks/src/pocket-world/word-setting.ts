import { pick, type Random } from './random.ts';
import { MONEY } from './things.ts';
import { drawTyping, type Typing } from './typing.ts';
import { type Act, drawAct } from './word-acts.ts';
import { type Cast, drawCast, type Vocabulary } from './word-cast.ts';
import { SCALES, type Scale } from './word-numbers.ts';
import type { Frame, Only } from './word-phrases.ts';

/** What a story is about: what somebody has, money, what somebody does, how old people are. */
export type Topic = Exclude<Only, 'price'> | 'things';

/** What is settled before a story's first sentence. */
export interface Setting {
  readonly typing: Typing;
  readonly scale: Scale;
  /** One to three people, or one place. */
  readonly casts: readonly Cast[];
  readonly frame: Frame;
  readonly topic: Topic;
  /** What is done, where deeds are counted. */
  readonly act: Act | undefined;
  readonly item: string;
}

export function drawSetting(random: Random, size: number, vocabulary: Vocabulary): Setting {
  const drawnScale = pick(random, SCALES);
  const typing = drawTyping(random);
  const way = random();
  const count = size < 2 || way < 0.7 ? 1 : way < 0.92 || size < 3 ? 2 : 3;
  const frame = count === 1 && random() < 0.17 ? 'place' : 'person';
  const casts: Cast[] = [];
  while (casts.length < count) {
    const cast = drawCast(frame, typing, vocabulary, random);
    if (casts.every(({ owner }) => owner !== cast.owner) && (count === 1 || cast.owner !== undefined))
      casts.push(cast);
  }
  const topic = topicOf(frame, count, size, random());
  const act = topic === 'act' ? drawAct(random) : undefined;
  const item =
    act?.item ??
    (topic === 'age'
      ? 'years'
      : topic === 'money'
        ? pick(random, ['dollars', 'dollars', 'dollars', 'euros', 'pounds', ...MONEY])
        : casts[0]!.item);
  const scale: Scale = topic === 'age' ? { start: [3, 60], change: [1, 30], largest: 99 } : drawnScale;
  return { typing, scale, casts, frame, topic, act, item };
}

function topicOf(frame: Frame, count: number, size: number, about: number): Topic {
  if (frame === 'place') return 'things';
  if (count > 1 && size <= 4 && about < 0.12) return 'age';
  if (about < 0.25) return 'act';
  return about < (count > 1 ? 0.3 : 0.38) ? 'money' : 'things';
}
