import wrapAnsi from 'wrap-ansi';
import { type Sink, widthOf } from '../terminal.ts';
import { seenWidth, WITHOUT_BLANKS } from './width.ts';

/**
 * Lines of at most `width` columns, broken at blanks. A longer word (a path, an address) stays whole, to be
 * copied; text without blanks is broken anywhere.
 */
export function wrap(text: string, width: number): readonly string[] {
  if (!Number.isFinite(width)) return text.split('\n');
  const hard = WITHOUT_BLANKS.test(text);
  return wrapAnsi(text, Math.max(1, width), { hard, trim: true }).split('\n');
}

/** Writes a text on lines of its own, as wide as its reader's terminal. */
export const writeWrapped = (sink: Sink, text: string): void =>
  sink.write(`${wrap(text, widthOf(sink)).join('\n')}\n`);

/** Narrower columns of prose are a pain to read. */
const LEAST = 24;
/** Stands for what is in the line already; nobody uses it. */
const TAKEN = '\ue000';

/**
 * `first` before the text, and the lines under it set in by as much, or by `indent`. Where that leaves little
 * room, or none for its longest word, the text begins below. `first` ends with a blank.
 */
export function hanging(
  first: string,
  text: string,
  width: number,
  indent = seenWidth(first),
): readonly string[] {
  const longest = Math.max(...text.split(/\s+/).map(seenWidth));
  const room = width - indent;
  if (room < LEAST || (longest > room && indent > 2)) {
    // further in than `first` itself, so that one is told from the other
    const below = `  ${/^ */.exec(first)![0]}`;
    return [first.trimEnd(), ...wrap(text, width - below.length).map((line) => below + line)];
  }
  const taken = Math.max(0, seenWidth(first) - indent);
  const place = taken === 0 ? '' : `${TAKEN.repeat(taken - 1)} `;
  return wrap(place + text, room).map((line, index) =>
    index === 0 ? (first + line.slice(taken)).trimEnd() : ' '.repeat(indent) + line,
  );
}

/** Parts on as few lines as they need; one that is wider than a line is broken at blanks. */
export function joinWithin(parts: readonly string[], separator: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length === 0 ? part : `${lines.at(-1)}${separator}${part}`;
    if (lines.length > 0 && seenWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines.flatMap((line) => wrap(line, width));
}
