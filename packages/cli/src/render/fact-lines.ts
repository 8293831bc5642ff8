import type { Paint } from './paint.ts';

/** Names in one column, what is known of them in the other. */
export function factLines(facts: readonly (readonly [string, string])[], paint: Paint): readonly string[] {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${paint.dim(name.padEnd(width))}  ${value}`);
}
