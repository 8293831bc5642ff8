import type { Pattern } from './pattern.ts';

/** An answer about patterns, worked out once for each. */
function remembered<T>(ask: (pattern: Pattern) => T): (pattern: Pattern) => T {
  const known = new WeakMap<Pattern, T>();
  return (pattern) => {
    if (!known.has(pattern)) known.set(pattern, ask(pattern));
    return known.get(pattern)!;
  };
}

/** Whether every way to say it names whom it is about. */
export const names = remembered((pattern) =>
  pattern.some(
    (part): boolean =>
      (part.kind === 'slot' && /^(o|O|io)$/.test(part.name)) ||
      (part.kind === 'one-of' && part.options.every(names)),
  ),
);

const says = (what: RegExp) => remembered((pattern) => what.test(JSON.stringify(pattern)));

export const saysAct = says(/"act"/);

export const saysVerb = says(/"verb"/);

export const saysOther = says(/"[oO]2"/);

export const mayRepeat = says(/"[on]"/);
