import { expect, test } from 'vitest';
import { StepsAhead } from '../src/device/steps-ahead.ts';

const END = 9;
const after = (token: number) => (token * 3 + 1) % END;

/** Asks for `count` steps from `place` on, as plain decoding does; how many were run together each time. */
function decode(
  ahead: StepsAhead,
  { place = 10, token = 2, count = 30, room = 1000, took = 1, next = after } = {},
): number[] {
  const runs: number[] = [];
  let fed = token;
  for (let step = 0; step < count; step++) {
    const known = ahead.asked(place + step, fed);
    if (known !== undefined) {
      expect(known).toBe(next(fed));
      fed = known;
      continue;
    }
    const steps = ahead.due(room - step);
    const answers: number[] = [];
    for (let last = fed; answers.length < steps; answers.push(last)) last = next(last);
    ahead.read(place + step, fed, answers, took * steps);
    runs.push(steps);
    fed = answers[0]!;
  }
  return runs;
}

test('a text that follows the argmax is read in ever more steps at once, eight at most', () => {
  expect(decode(new StepsAhead([]))).toEqual([1, 2, 4, 8, 8, 8]);
});

test('nobody waits long: of steps of 25 milliseconds two are read at once, of 61 one', () => {
  expect(decode(new StepsAhead([]), { took: 25, count: 7 })).toEqual([1, 2, 2, 2]);
  expect(decode(new StepsAhead([]), { took: 61, count: 4 })).toEqual([1, 1, 1, 1]);
});

test('a first step that had to wait for a long prompt does not make the next ones come alone', () => {
  const ahead = new StepsAhead([]);
  decode(ahead, { took: 10, count: 3 });
  ahead.forget();
  ahead.asked(50, 2);
  ahead.read(50, 2, [after(2)], 500);
  expect(decode(ahead, { place: 51, token: after(2), took: 10, count: 6 })).toEqual([2, 4]);
});

test('no more is read than there is room for', () => {
  expect(decode(new StepsAhead([]), { count: 9, room: 9 })).toEqual([1, 2, 4, 2]);
});

test('what comes after an end of text is not an answer, and not a guess that was wrong', () => {
  const ahead = new StepsAhead([END]);
  decode(ahead, { count: 3 });
  expect(ahead.asked(13, after(after(after(2))))).toBeUndefined();
  expect(ahead.due(100)).toBe(4);
  ahead.read(13, 7, [4, END, 5, 5], 4);
  expect(ahead.asked(14, 4)).toBe(END);
  expect(ahead.asked(15, END)).toBeUndefined();
  expect(decode(ahead, { count: 3 })).toEqual([1, 2]);
});

test.each([
  { what: 'another token', place: 14, token: 8 },
  { what: 'a place before', place: 13, token: 5 },
  { what: 'a place behind', place: 15, token: 5 },
])('$what is not answered, and guesses become rarer', ({ place, token }) => {
  const ahead = new StepsAhead([]);
  decode(ahead, { count: 3 });
  ahead.asked(13, after(after(after(2))));
  ahead.read(13, 2, [5, 5, 5, 5], 4);
  expect(ahead.asked(place, token)).toBeUndefined();
  expect(ahead.due(100)).toBe(1);
  ahead.read(place, token, [after(token)], 1);
  expect(decode(ahead, { place: place + 1, token: after(token), count: 6 })).toEqual([1, 2, 4]);
});

test('what was read is forgotten where something else has been run', () => {
  const ahead = new StepsAhead([]);
  decode(ahead, { count: 4 });
  ahead.forget();
  expect(ahead.asked(14, 2)).toBeUndefined();
  expect(ahead.due(100)).toBe(1);
});
