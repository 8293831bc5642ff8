/** Next float in [0, 1). */
export type Random = () => number;

/** FNV-1a over UTF-16 code units: small, stable, and the same on every platform. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A stream of its own for every list of parts (sfc32, warmed up). */
export function seededRandom(...parts: readonly (string | number)[]): Random {
  const text = parts.join('/');
  let a = hashText(text);
  let b = hashText(`${text}#b`);
  let c = hashText(`${text}#c`);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

export function pick<T>(random: Random, options: readonly T[]): T {
  const picked = options[Math.floor(random() * options.length)];
  if (picked === undefined) throw new Error('Expected at least one option to pick from, got none.');
  return picked;
}

/** `count` different options, in random order. */
export function pickSome<T>(random: Random, options: readonly T[], count: number): T[] {
  const left = [...options];
  const picked: T[] = [];
  while (picked.length < count && left.length > 0) {
    const at = Math.floor(random() * left.length);
    picked.push(...left.splice(at, 1));
  }
  return picked;
}
