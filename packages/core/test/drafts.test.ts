import { describe, expect, test } from 'vitest';
import {
  adaptiveLength,
  bestLength,
  type Costs,
  cannotPay,
  costsAt,
  draftCost,
  fixedLength,
  fixedText,
  GREEDY,
  isCosts,
  ngramLookup,
  verifyCost,
} from '../src/index.ts';

const ask = (text: number[], count: number) => ({
  text,
  count,
  sampling: GREEDY,
  uniforms: new Float64Array(count),
  endTokens: [],
  distributions: false,
});

describe('n-gram lookup', () => {
  test.each([
    { text: [1, 2, 3, 4, 9, 1, 2, 3], proposes: [4, 9, 1] },
    { text: [5, 1, 7, 5, 2, 8, 5], proposes: [2, 8, 5] }, // the most recent occurrence
    { text: [5, 6, 1, 7, 6, 2, 5, 6], proposes: [1, 7, 6] }, // the longest match wins over a more recent shorter one
    { text: [1, 2, 3], proposes: [] },
    { text: [1], proposes: [] },
  ])('continues $text with $proposes', async ({ text, proposes }) => {
    expect((await ngramLookup().propose(ask(text, 3))).tokens).toEqual(proposes);
  });
});

describe('a fixed text', () => {
  const given = [10, 11, 12, 13, 14, 15, 16];
  test.each([
    { what: 'from its beginning', generated: [], proposes: [10, 11] },
    { what: 'on after what was accepted', generated: [10, 11], proposes: [12, 13] },
    { what: 'behind a token the target replaced', generated: [10, 99], proposes: [12, 13] },
    {
      what: 'where it was once three tokens agree again',
      generated: [10, 98, 99, 11, 12, 13],
      proposes: [14, 15],
    },
    { what: 'nothing after its end', generated: given, proposes: [] },
  ])('proposes $what', async ({ generated, proposes }) => {
    const source = fixedText(given, { promptLength: 1 });
    expect((await source.propose(ask([7, ...generated], 2))).tokens).toEqual(proposes);
  });

  test('starts over for a new text', async () => {
    const source = fixedText(given, { promptLength: 1 });
    await source.propose(ask([7, 10, 11], 2));
    expect((await source.propose(ask([7], 2))).tokens).toEqual([10, 11]);
  });
});

const costs = (change: Partial<Costs> = {}): Costs => ({
  verify: [
    [1, 10],
    [5, 11],
    [17, 14],
  ],
  draftToken: 0.5,
  draftPrefillToken: 0.1,
  ...change,
});

describe('costs', () => {
  test.each([
    [1, 10],
    [3, 10.5],
    [5, 11],
    [11, 12.5],
    [17, 14],
    [29, 17], // beyond the widest measured, on the last line
  ])('%i rows cost %d ms', (rows, milliseconds) => {
    expect(verifyCost(costs(), rows)).toBeCloseTo(milliseconds, 9);
  });

  test.each([
    [undefined, 4, 2],
    [undefined, 0, 0],
    [
      [
        [1, 2],
        [5, 4],
      ] as const,
      3,
      3,
    ],
    [
      [
        [1, 2],
        [5, 4],
      ] as const,
      9,
      6,
    ],
    [
      [
        [1, 2],
        [5, 4],
      ] as const,
      0,
      0,
    ],
  ])('with drafts %j, %i drafted tokens cost %d ms', (drafts, tokens, milliseconds) => {
    expect(draftCost(costs(drafts === undefined ? {} : { drafts }), tokens)).toBeCloseTo(milliseconds, 9);
  });

  test('behind a text between the two that were measured, and beyond, they lie on straight lines', () => {
    const measured = costs({
      drafts: [[1, 2]],
      context: 100,
      longer: {
        context: 300,
        verify: [
          [1, 12],
          [17, 20],
        ],
        drafts: [[1, 3]],
      },
    });
    const at = (context: number) => costsAt(measured, context);
    expect(verifyCost(at(200), 1)).toBeCloseTo(11, 9);
    expect(verifyCost(at(200), 17)).toBeCloseTo(17, 9);
    expect(verifyCost(at(500), 1)).toBeCloseTo(14, 9);
    expect(draftCost(at(200), 1)).toBeCloseTo(2.5, 9);
    expect(verifyCost(at(100), 5)).toBeCloseTo(11, 9);
    expect(costsAt(costs(), 900)).toEqual(costs());
  });

  test.each([
    ['as measured', costs(), true],
    [
      'with all that is optional',
      costs({
        drafts: [[1, 2]],
        context: 60,
        longer: { context: 300, verify: [[1, 12]], drafts: [[1, 3]] },
        outputs: { logits: 0.1 },
        draftCatchUp: 0,
        draftLogits: 0.2,
      }),
      true,
    ],
    [
      'without a draft, behind a longer text',
      costs({ longer: { context: 9, verify: [[1, 2]], drafts: [] } }),
      true,
    ],
    ['nothing', null, false],
    ['an empty table', costs({ verify: [] }), false],
    ['no number', { ...costs(), draftToken: Number.NaN }, false],
    ['drafts without an entry', costs({ drafts: [] }), false],
    [
      'a longer text without its drafts',
      costs({ drafts: [[1, 2]], longer: { context: 9, verify: [[1, 2]], drafts: [] } }),
      false,
    ],
    ['an output of a negative time', costs({ outputs: { logits: -1 } }), false],
    ['a point of three numbers', { ...costs(), verify: [[1, 2, 3]] }, false],
  ])('what a file may hold: %s', (_, value, expected) => {
    expect(isCosts(value)).toBe(expected);
  });

  test('the best draft length grows with the acceptance rate and is 0 where nothing is gained', () => {
    expect(bestLength(costs(), 1, 16)).toBe(16);
    expect(bestLength(costs(), 0.01, 16)).toBe(0);
    const lengths = [0.2, 0.5, 0.8, 0.95].map((rate) => bestLength(costs(), rate, 16));
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(bestLength(costs({ draftToken: 9 }), 0.6, 16)).toBe(0);
  });
});

describe('the adaptive draft length', () => {
  const play = (
    control: ReturnType<typeof adaptiveLength>,
    acceptance: (i: number) => boolean,
    rounds: number,
  ) => {
    const lengths: number[] = [];
    let decision = 0;
    for (let i = 0; i < rounds; i++) {
      const length = control.next();
      lengths.push(length);
      if (length === 0) continue;
      let accepted = 0;
      while (accepted < length && acceptance(decision++)) accepted++;
      control.observe(length, accepted);
    }
    return lengths;
  };

  test('goes long on a good draft and short on a poor one', () => {
    const good = play(adaptiveLength({ costs: costs() }), () => true, 60);
    const poor = play(adaptiveLength({ costs: costs() }), (i) => i % 3 === 0, 60);
    expect(good.at(-1)).toBe(16);
    expect(Math.max(...poor.slice(30))).toBeLessThan(5);
  });

  test('a hostile draft costs few rounds, and then speculation is off with a reason', () => {
    const control = adaptiveLength({ costs: costs() });
    // one token is let in at first: what is said counts tokens, and guesses nothing
    const lengths = play(control, (i) => i === 0, 400);
    const drafted = lengths.reduce((sum, length) => sum + length, 0);
    expect(lengths.filter((length) => length > 0).length).toBeLessThan(60);
    expect(lengths.slice(-50)).toEqual(Array(50).fill(0));
    expect(control.off).toBe(`1 of ${drafted} drafted tokens were accepted, too few to pay for drafting`);
  });

  test('is off before anything is drafted where even full acceptance cannot pay', () => {
    const dear = costs({ draftToken: 10 });
    const control = adaptiveLength({ costs: dear });
    expect(control.off).toMatch(/even if every drafted token were accepted/);
    expect(control.next()).toBe(0);
    expect(cannotPay(costs(), 16, 0, 256)).toBeUndefined();
    // the draft's prefill of a long prompt alone eats the gain of a short answer
    expect(cannotPay(costs(), 16, 4000, 20)).toMatch(/against 10.0 ms/);
  });

  test('takes only whole lengths', () => {
    expect(() => adaptiveLength({ costs: costs(), most: 0 })).toThrow(/at least 1/);
    expect(() => fixedLength(-1)).toThrow(/at least 0/);
    expect(() => fixedLength(1.5)).toThrow(/whole/);
  });
});
