import type { Paint } from './paint.ts';
import { wrap } from './wrap.ts';

/** Names in one column, what is known of them in the other, broken where the terminal ends. */
export function factLines(
  facts: readonly (readonly [string, string])[],
  paint: Paint,
  columns: number,
): readonly string[] {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.flatMap(([name, value]) =>
    wrap(value, Math.max(24, columns - width - 2)).map((line, index) =>
      index === 0 ? `${paint.dim(name.padEnd(width))}  ${line}` : `${' '.repeat(width)}  ${line}`,
    ),
  );
}
