import { expect, test } from 'vitest';
import { asksForArgmaxAlone, StepsAhead } from '../src/sessions/steps-ahead.ts';

const END = 9;
const after = (token: number) => (token * 3 + 1) % END;

/** Steps over a device whose steps take `took` milliseconds, and how many it was asked to run at once, each time. */
function stepsOf({ contextLength = 1000, endTokens = [] as readonly number[] } = {}) {
  const runs: number[] = [];
  let clock = 0;
  const ahead = new StepsAhead({ contextLength, endTokens }, () => clock);
  const device = { took: 1, next: after };
  const step = (place: number, token: number) =>
    ahead.step(place, token, async (count) => {
      runs.push(count);
      clock += count * device.took;
      const answers: number[] = [];
      for (let last = token; answers.length < count; answers.push(last)) last = device.next(last);
      return answers;
    });
  /** `count` tokens as plain decoding writes them; the runs that they took. */
  const decode = async (place: number, token: number, count: number): Promise<readonly number[]> => {
    runs.length = 0;
    let fed = token;
    for (let at = 0; at < count; at++) {
      const next = device.next(fed);
      expect(await step(place + at, fed)).toBe(next);
      fed = next;
    }
    return [...runs];
  };
  return { ahead, device, runs, step, decode };
}

/** What three steps from 2 on write last. */
const third = after(after(after(2)));

test('a text that follows the argmax is read in ever more steps at once, eight at most', async () => {
  expect(await stepsOf().decode(10, 2, 30)).toEqual([1, 2, 4, 8, 8, 8]);
});

test('nobody waits long: of steps of 25 milliseconds two are read at once, of 61 one', async () => {
  for (const [took, runs] of [
    [25, [1, 2, 2, 2]],
    [61, [1, 1, 1, 1, 1, 1, 1]],
  ] as const) {
    const steps = stepsOf();
    steps.device.took = took;
    expect(await steps.decode(10, 2, 7)).toEqual(runs);
  }
});

test('a first step that had to wait for a long prompt does not make the next ones come alone', async () => {
  const steps = stepsOf();
  steps.device.took = 10;
  await steps.decode(10, 2, 3);
  steps.ahead.forget();
  steps.device.took = 500;
  await steps.step(50, 2);
  steps.device.took = 10;
  expect(await steps.decode(51, after(2), 6)).toEqual([2, 4]);
});

test.each([
  ['the context is full', { contextLength: 19 }, Number.POSITIVE_INFINITY],
  ['the text shall end', {}, 19],
])('no more is read than until %s', async (_, options, end) => {
  const steps = stepsOf(options);
  steps.ahead.end = end;
  expect(await steps.decode(10, 2, 9)).toEqual([1, 2, 4, 2]);
});

test('whoever goes on behind the end that was named has another in mind', async () => {
  const steps = stepsOf();
  steps.ahead.end = 10;
  expect(await steps.decode(10, 2, 15)).toEqual([1, 2, 4, 8]);
});

test('no more than the device can run at once', async () => {
  const { ahead } = stepsOf();
  const runs: number[] = [];
  for (let [place, token] = [10, 2]; place < 20; place++) {
    token = await ahead.step(
      place,
      token,
      async (count) => {
        runs.push(count);
        return Int32Array.from({ length: count }, (_, at) => at + 3);
      },
      3,
    );
  }
  expect(Math.max(...runs)).toBe(3);
});

test.each([
  ['is not an answer', 14, END, [8]],
  ['was not a guess that was wrong', 20, 3, [1, 2]],
])('what comes after an end of text %s', async (_, place, token, runs) => {
  const steps = stepsOf({ endTokens: [END] });
  await steps.decode(10, 2, 3);
  steps.device.next = (token) => (token === third ? END : 5);
  expect(await steps.step(13, third)).toBe(END);
  expect(steps.runs.at(-1)).toBe(4);
  steps.device.next = after;
  expect(await steps.decode(place, token, 3)).toEqual(runs);
});

test.each([
  { what: 'another token', place: 14, token: 8 },
  { what: 'a place before', place: 13, token: 5 },
  { what: 'a place behind', place: 15, token: 5 },
])('$what is not answered, and guesses become rarer', async ({ place, token }) => {
  const steps = stepsOf();
  await steps.decode(10, 2, 3);
  steps.device.next = () => 5;
  await steps.step(13, third);
  expect(steps.runs.at(-1)).toBe(4);
  steps.device.next = after;
  expect(await steps.step(place, token)).toBe(after(token));
  expect(steps.runs.at(-1)).toBe(1);
  expect(await steps.decode(place + 1, after(token), 6)).toEqual([1, 2, 4]);
});

test('what was read is forgotten where something else has been run', async () => {
  const steps = stepsOf();
  await steps.decode(10, 2, 4);
  steps.ahead.forget();
  await steps.step(14, after(third));
  expect(steps.runs.at(-1)).toBe(1);
});

test('a run that fails leaves nothing that is believed', async () => {
  const steps = stepsOf();
  await steps.decode(10, 2, 3);
  await expect(steps.ahead.step(13, third, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(await steps.step(13, third)).toBe(after(third));
  expect(steps.runs.at(-1)).toBe(1);
});

test('plain decoding asks for the argmax and nothing else', () => {
  expect(asksForArgmaxAlone({ argmax: true })).toBe(true);
  expect(asksForArgmaxAlone({ argmax: true, logits: undefined as never })).toBe(true);
  for (const request of [{}, { argmax: true, chosen: true }, { logits: true }] as const)
    expect(asksForArgmaxAlone(request)).toBe(false);
});
