import type { TokenSource } from '@judge-decoding/core';
import pico from 'picocolors';
import type { Paint } from './paint.ts';
import { joinWithin } from './wrap.ts';

/** What a reader wants to tell apart: accepted by both, let in by the admission alone, the target's own. */
export type Origin = 'standard' | 'admitted' | 'target';

export function originOf(source: TokenSource): Origin {
  if (source === 'standard') return 'standard';
  return source === 'recovered' || source === 'bonus' ? 'target' : 'admitted';
}

/** How origins are shown: with colour, with brackets, with both, or not at all. */
export interface Look {
  readonly paint: Paint;
  readonly letters: boolean;
}

/** Where nothing was drafted every token is the target's own: marks would say nothing. */
export const UNMARKED: Look = { paint: pico.createColors(false), letters: false };

/** Bright enough on dark and on light grounds; the underline tells green from plain without colour. */
export function style({ paint }: Look, origin: Origin, text: string): string {
  if (origin === 'standard') return text;
  return origin === 'admitted' ? paint.green(paint.underline(text)) : paint.yellow(text);
}

export const BRACKETS: Readonly<Record<Origin, readonly [string, string]>> = {
  standard: ['', ''],
  admitted: ['[', ']'],
  target: ['{', '}'],
};

/** Explains `look`, on one line where it fits; nothing where nothing is marked. */
export function legend(look: Look, admission: string, width: number): readonly string[] {
  if (!look.letters && !look.paint.isColorSupported) return [];
  const entry = (origin: Origin, text: string) => {
    const [open, close] = look.letters ? BRACKETS[origin] : ['', ''];
    return style(look, origin, `${open}${text}${close}`);
  };
  const admitted = admission === '' ? [] : [entry('admitted', `only ${saidAdmission(admission)} accepted`)];
  return joinWithin(
    [entry('standard', 'standard verification accepted'), ...admitted, entry('target', 'the target wrote')],
    look.paint.dim(' · '),
    width,
  );
}

const saidAdmission = (name: string): string => (name === 'judge' ? 'the judge' : name);
