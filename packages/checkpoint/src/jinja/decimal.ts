/** Floats as decimal digits, rounded half to even from their exact value, as Python's `format` does. */

/** `value` as mantissa * 2 ** exponent; finite and not negative. */
function parts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value);
  const all = bytes.getBigUint64(0);
  const biased = Number((all >> 52n) & 0x7ffn);
  const fraction = all & 0xfffffffffffffn;
  if (biased === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}

/** value * 10 ** places, to the nearest integer. */
function scaled(value: number, places: number): bigint {
  const { mantissa, exponent } = parts(value);
  const top =
    mantissa * (places > 0 ? 10n ** BigInt(places) : 1n) * (exponent > 0 ? 1n << BigInt(exponent) : 1n);
  const bottom = (places < 0 ? 10n ** BigInt(-places) : 1n) * (exponent < 0 ? 1n << BigInt(-exponent) : 1n);
  const [quotient, rest] = [top / bottom, (top % bottom) * 2n];
  const isUp = rest > bottom || (rest === bottom && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

/** `%.{places}f` of a value that is finite and not negative. */
export function fixed(value: number, places: number): string {
  const digits = String(scaled(value, places)).padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** The digits of `%.{places}e` without the point, and the exponent of ten of the first one. */
export function scientific(
  value: number,
  places: number,
): { readonly digits: string; readonly exponent: number } {
  if (value === 0) return { digits: '0'.repeat(places + 1), exponent: 0 };
  const exponent = Number(value.toExponential().split('e')[1]);
  const digits = String(scaled(value, places - exponent));
  // 9.99 may have become 10.0
  return digits.length > places + 1
    ? { digits: digits.slice(0, places + 1), exponent: exponent + 1 }
    : { digits, exponent };
}

/** `round(value, places)`: the float nearest to the rounded decimal. */
export function roundFloat(value: number, places: number): number {
  if (!Number.isFinite(value) || value === 0 || places > 330) return value;
  if (places < -330) return value * 0;
  const rounded = Number(`${scaled(Math.abs(value), places)}e${-places}`);
  return value < 0 ? -rounded : rounded;
}
