import type { TokenId } from '../backend.ts';
import { MOST_AT_ONCE } from '../sessions/steps-ahead.ts';
import { ANY, type Bench, back, LONG_ENOUGH } from './bench.ts';

/**
 * One row after another, many times: the first of them, behind wider passes, are dearer. Where steps are read ahead, 1, 2 and
 * 4 are read at once and then as many as ever.
 */
const MANY_STEPS = 12 * MOST_AT_ONCE;
const FIRST_STEPS = 1 + 2 + 4;

/**
 * Milliseconds of steps of plain decoding behind `start` tokens, each fed what the one before it said, as a text is
 * written. Of a session that reads steps ahead, whole calls: their mean is a step's.
 */
export async function plainSteps(
  { target, clock, repeats, oneRow }: Pick<Bench, 'target' | 'clock' | 'repeats' | 'oneRow'>,
  start: number,
  most: number,
): Promise<readonly number[]> {
  const first = Math.min(FIRST_STEPS, repeats());
  const times: number[] = [];
  let [length, next, spent]: [number, TokenId, number] = [start, ANY, 0];
  const isEnough = () => spent >= LONG_ENOUGH && wholeCalls(times, first).length >= repeats();
  while (times.length < first + MANY_STEPS && !isEnough()) {
    const time = await clock(async () => {
      next = (await target.session.forward([next], { argmax: true })).argmax[0]!;
    });
    times.push(time);
    spent += time;
    oneRow(spent / times.length);
    if (length + 2 > most) [length, next] = [start, ANY];
    else length++;
    back(target, length);
  }
  const whole = wholeCalls(times, first);
  return whole.length > 0 ? whole : times.slice(first);
}

/**
 * The steps from the first on that begin a call, up to the last that begins one. What a call before has answered takes next
 * to nothing, so a step of half the mean begins a call; how many steps a call has changes with what they take.
 */
function wholeCalls(times: readonly number[], from: number): readonly number[] {
  const half = times.reduce((sum, time) => sum + time, 0) / times.length / 2;
  const begin = times.flatMap((time, index) => (index >= from && time >= half ? [index] : []));
  return begin.length < 2 ? [] : times.slice(begin[0], begin.at(-1));
}
