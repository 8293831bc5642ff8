import pico from 'picocolors';
import type { Sink, Terminal } from '../terminal.ts';

export type Paint = ReturnType<typeof pico.createColors>;

/** Colours for one sink: off by --no-color, NO_COLOR (https://no-color.org), a pipe or a dumb terminal. */
export function paintFor(
  sink: Sink,
  env: Terminal['env'],
  { color = true }: { readonly color?: boolean } = {},
): Paint {
  return pico.createColors(hasColour(sink, env, color));
}

function hasColour(sink: Sink, env: Terminal['env'], color: boolean): boolean {
  if (!color || (env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '0') !== '0') return true;
  return sink.isTerminal && env.TERM !== 'dumb';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const COLOURS = /\u001b\[[\d;]*m/g;

/** What is seen of a text with colours in it. */
export const withoutColour = (text: string): string => text.replace(COLOURS, '');
