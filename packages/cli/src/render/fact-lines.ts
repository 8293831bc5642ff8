import type { Paint } from './paint.ts';
import { padded, seenWidth } from './width.ts';
import { hanging } from './wrap.ts';

/** Names in one column, what is known of them in the other, broken where the terminal ends. */
export function factLines(
  facts: readonly (readonly [string, string])[],
  paint: Paint,
  columns: number,
): readonly string[] {
  const width = Math.max(...facts.map(([name]) => seenWidth(name)));
  return facts.flatMap(([name, value]) => hanging(`${paint.dim(padded(name, width))}  `, value, columns));
}
