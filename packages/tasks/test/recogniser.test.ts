import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createRecogniser,
  DOMAINS,
  type Domain,
  drawProblem,
  grade,
  type Label,
  type ProblemAddress,
  SPLITS,
  STYLES,
  seededRandom,
  writeSolution,
} from '../src/index.ts';

const addresses = fc.record({
  domain: fc.constantFrom(...DOMAINS),
  split: fc.constantFrom(...SPLITS),
  index: fc.nat(5000),
});
const styles = fc.constantFrom(...STYLES);

/** As the tokenizer cuts: words with the space before them, single digits, signs. */
const tokens = (text: string): string[] => text.match(/ ?[A-Za-z]+|\d|[^A-Za-z\d]/g) ?? [];

function labelsOf(address: ProblemAddress, pieces: readonly string[]): { labels: Label[]; end: Label } {
  const recogniser = createRecogniser(address);
  return { labels: pieces.map((piece) => recogniser.feed(piece)), end: recogniser.end() };
}

describe('a correct solution', () => {
  test('is accepted in any style, cut anywhere, and grades right', () => {
    fc.assert(
      fc.property(addresses, styles, fc.nat(), fc.array(fc.nat(6)), (address, style, seed, cuts) => {
        const { text, mistakes } = writeSolution(address, { style, random: seededRandom('test', seed) });
        const pieces: string[] = [];
        let rest = text;
        for (let turn = 0; rest !== ''; turn += 1) {
          const length = 1 + (cuts[turn % Math.max(cuts.length, 1)] ?? 0);
          pieces.push(rest.slice(0, length));
          rest = rest.slice(length);
        }
        const { labels, end } = labelsOf(address, pieces);
        expect(mistakes).toEqual([]);
        expect(labels.filter((label) => label !== 'ok')).toEqual([]);
        expect(end).toBe('ok');
        expect(grade(drawProblem(address), text)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('may not end early, and may not go on', () => {
    fc.assert(
      fc.property(addresses, fc.nat(), fc.nat(), (address, seed, cut) => {
        const { text } = writeSolution(address, { style: 'target', random: seededRandom('test', seed) });
        const early = text.slice(0, cut % text.length);
        const recogniser = createRecogniser(address);
        recogniser.feed(early);
        expect(recogniser.end()).toBe('wrong');
        recogniser.feed(text.slice(early.length));
        expect(recogniser.end()).toBe('ok');
        expect(recogniser.feed(' more')).toBe('wrong');
        expect(recogniser.end()).toBe('dead');
      }),
      { numRuns: 60 },
    );
  });
});

describe('a mistake', () => {
  test('costs exactly one wrong token, and everything is dead until the text has taken it back', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(addresses, styles, fc.nat(), (address, style, seed) => {
        const random = seededRandom('test', seed);
        const { text, mistakes } = writeSolution(address, { style, random, mistakeRate: 0.2 });
        for (const { kind } of mistakes) kinds.add(kind);
        const { labels, end } = labelsOf(address, tokens(text));
        expect(labels.filter((label) => label === 'wrong')).toHaveLength(mistakes.length);
        const stands = mistakes.some(({ noticed }) => !noticed);
        expect(end).toBe(stands ? 'dead' : 'ok');
        if (!stands) expect(grade(drawProblem(address), text)).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect([...kinds].sort()).toEqual(['misread', 'mix-up', 'skip', 'slip']);
  });

  test('is the first token after which no correct solution is left', () => {
    fc.assert(
      fc.property(addresses, fc.nat(), fc.nat(), (address, seed, at) => {
        const { text } = writeSolution(address, { style: 'target', random: seededRandom('test', seed) });
        const places = [...text.matchAll(/\d/g)].map(({ index }) => index);
        const place = places[at % places.length]!;
        const swapped = String((Number(text[place]) + 1 + (seed % 9)) % 10);
        const recogniser = createRecogniser(address);
        expect(recogniser.feed(text.slice(0, place))).toBe('ok');
        // Another digit may still be right: where a sentence may name either of two numbers, say.
        const probe = recogniser.clone();
        if (probe.feed(swapped) === 'ok') return;
        expect(recogniser.feed(swapped)).toBe('wrong');
        expect(recogniser.feed(text.slice(place + 1))).toBe('dead');
      }),
      { numRuns: 150 },
    );
  });

  test('that is taken back at once leaves the rest of the line right', () => {
    fc.assert(
      fc.property(addresses, styles, fc.nat(), (address, style, seed) => {
        const random = seededRandom('test', seed);
        const { text } = writeSolution(address, { style, random, retractionRate: 0.4 });
        const { labels, end } = labelsOf(address, tokens(text));
        expect(labels.filter((label) => label === 'wrong')).toHaveLength(text.split(', no,').length - 1);
        expect(end).toBe('ok');
      }),
      { numRuns: 150 },
    );
  });

  test('in the other domain’s words is wrong from its first token', () => {
    const address = { domain: 'words', split: 'dev', index: 0 } as const;
    expect(createRecogniser(address).feed('Reversed')).toBe('wrong');
  });
});

describe('a correction', () => {
  const solved = (domain: Domain, index: number) => {
    const address = { domain, split: 'dev', index } as const;
    return { address, ...writeSolution(address, { style: 'target', random: seededRandom('plain', index) }) };
  };

  test.each(DOMAINS)('of nothing is wrong (%s)', (domain) => {
    const { address, text } = solved(domain, 3);
    const firstLine = text.slice(0, text.indexOf('\n') + 1);
    const recogniser = createRecogniser(address);
    expect(recogniser.feed(firstLine)).toBe('ok');
    expect(recogniser.clone().feed('Wait,')).toBe('wrong');
    expect(recogniser.clone().feed('Looking back,')).toBe('wrong');
  });

  test('must name what is right', () => {
    // A story about somebody that begins with a number.
    const plain = Array.from({ length: 50 }, (_, index) => solved('words', index)).find(({ text }) =>
      /^[^\n]* our friend [a-z]+ \d+/.test(text),
    )!;
    const { address, text } = plain;
    const start = Number(/\d+/.exec(text)?.[0]);
    const rest = text.slice(text.indexOf('\n') + 1);
    const wrong = `To begin, our friend has ${start + 1} in all.\n`;
    const right = createRecogniser(address);
    expect(right.feed(wrong)).toBe('wrong');
    expect(right.feed(`Wait, we start with ${start}.\n`)).toBe('dead');
    expect(right.dead).toBe(false);
    expect(right.feed(rest)).toBe('ok');
    expect(right.end()).toBe('ok');
    const stillWrong = createRecogniser(address);
    stillWrong.feed(wrong);
    expect(stillWrong.feed(`Wait, we start with ${start + 1}.\n`)).toBe('dead');
    expect(stillWrong.feed(rest)).toBe('dead');
    // and one that comes after other lines still counts
    expect(stillWrong.feed(`\nHmm, we begin with ${start}.\n`)).toBe('dead');
    expect(stillWrong.feed(rest)).toBe('ok');
  });
});

test('a copy reads on by itself', () => {
  const address = { domain: 'lists', split: 'dev', index: 1 } as const;
  const { text } = writeSolution(address, { style: 'draft', random: seededRandom('copy') });
  const recogniser = createRecogniser(address);
  recogniser.feed(text.slice(0, 40));
  const copy = recogniser.clone();
  expect(copy.feed('zzz')).toBe('wrong');
  expect(copy.dead).toBe(true);
  expect(recogniser.dead).toBe(false);
  expect(recogniser.feed(text.slice(40))).toBe('ok');
});
