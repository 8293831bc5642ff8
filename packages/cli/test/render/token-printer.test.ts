import pico from 'picocolors';
import { describe, expect, test } from 'vitest';
import { legend } from '../../src/render/sources.ts';
import { tokenPrinter } from '../../src/render/token-printer.ts';

const TOKENS = [
  ['Tom', 'standard'],
  [' has', 'judge'],
  [' 4', 'judge'],
  [' apples', 'standard'],
  ['.', 'recovered'],
  ['\n', 'bonus'],
  ['So', 'kl'],
  [' Mia', 'standard'],
  ['', 'bonus'],
  [' is', 'standard'],
  ['\n', 'standard'],
] as const;

function printed(colour: boolean, letters: boolean): string {
  let text = '';
  const printer = tokenPrinter(
    (piece) => {
      text += piece;
    },
    { paint: pico.createColors(colour), letters },
  );
  for (const [piece, source] of TOKENS) printer.print(piece, source);
  printer.end();
  return text.replaceAll('\u001b', '^');
}

describe('a made-up run', () => {
  test('without colour is the text and nothing else', () => {
    expect(printed(false, false)).toBe('Tom has 4 apples.\nSo Mia is\n');
  });

  test('in letters puts runs of one source in brackets', () => {
    expect(printed(false, true)).toBe('Tom [has 4] apples{.}\n[So] Mia is\n');
  });

  test('in colour: the judge green and underlined, the target yellow', () => {
    expect(printed(true, false)).toBe(
      'Tom ^[32m^[4mhas^[24m^[39m ^[32m^[4m4^[24m^[39m apples^[33m.^[39m\n^[32m^[4mSo^[24m^[39m Mia is\n',
    );
  });

  test('with both has coloured brackets', () => {
    expect(printed(true, true)).toContain('^[2m[^[22m^[32m^[4mhas');
  });
});

describe('the legend', () => {
  const letters = { paint: pico.createColors(false), letters: true };
  const wide = Number.POSITIVE_INFINITY;

  test('names what is marked', () => {
    expect(legend(letters, 'judge', wide)).toEqual([
      'standard verification accepted · [only the judge accepted] · {the target wrote}',
    ]);
    expect(legend(letters, '', wide)).toEqual(['standard verification accepted · {the target wrote}']);
  });

  test('is broken between its entries', () => {
    expect(legend(letters, 'judge', 60)).toEqual([
      'standard verification accepted · [only the judge accepted]',
      '{the target wrote}',
    ]);
  });

  test('is absent where nothing is', () => {
    expect(legend({ paint: pico.createColors(false), letters: false }, 'judge', 80)).toEqual([]);
  });
});
