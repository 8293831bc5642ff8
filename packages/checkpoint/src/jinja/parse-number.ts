import { strip } from './python-space.ts';

/** Digits of any script as the ASCII ones. */
const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => {
    if (digit <= '9') return digit;
    // a script's digits stand together, zero first
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(digit.codePointAt(0)! - value - 1))) value++;
    return String(value);
  });

const PREFIXES: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16 };

/** `int(text, base)`; `undefined` where Python raises ValueError. */
export function parseIntegerText(text: string, base: number): bigint | undefined {
  const found = /^([-+]?)(?:0([box]))?_?([0-9a-z]+(?:_[0-9a-z]+)*)$/.exec(
    strip(asciiDigits(text)).toLowerCase(),
  );
  if (found === null || !(base === 0 || (base >= 2 && base <= 36))) return undefined;
  const [, sign, prefix, body = ''] = found;
  const prefixBase = prefix === undefined ? undefined : PREFIXES[prefix]!;
  let digits = body.replaceAll('_', '');
  let radix = base;
  if (prefixBase !== undefined) {
    // 0b1 in base 16 is a number of three digits
    if (base !== 0 && base !== prefixBase) digits = `0${prefix}${digits}`;
    else radix = prefixBase;
  } else if (/_/.test(text) && /^[-+]?_/.test(strip(text))) {
    return undefined;
  }
  if (radix === 0) {
    if (digits.length > 1 && digits.startsWith('0') && /[^0]/.test(digits)) return undefined;
    radix = 10;
  }
  let value = 0n;
  for (const digit of digits) {
    const each = Number.parseInt(digit, 36);
    if (!(each < radix)) return undefined;
    value = value * BigInt(radix) + BigInt(each);
  }
  return sign === '-' ? -value : value;
}

/** `float(text)`; `undefined` where Python raises ValueError. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = strip(asciiDigits(text)).toLowerCase();
  const special = /^([-+]?)(?:(inf(?:inity)?)|(nan))$/.exec(trimmed);
  if (special !== null) {
    if (special[3] !== undefined) return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const digits = '\\d+(?:_\\d+)*';
  const pattern = new RegExp(`^[-+]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:e[-+]?${digits})?$`);
  return pattern.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : undefined;
}
