/**
 * Decimal numbers out of bytes. A mantissa below 2^53 divided or multiplied by a power of ten up to 10^22 is rounded once,
 * since both are exact in float64 (Clinger 1990): most numbers of a table are read so, without making a text of each; the
 * others are left to `Number`.
 */
const powers = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${n}`));
const latin1 = new TextDecoder("latin1");

/** The number in bytes `from` … `to`; NaN where there is none. "nan", "inf" and "Infinity" are numbers, too. */
export function parseNumber(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const negative = bytes[at] === 45;
  if (negative || bytes[at] === 43) at++;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  let point = false;
  for (; at < to; at++) {
    const code = bytes[at]!;
    if (code >= 48 && code <= 57) {
      mantissa = mantissa * 10 + code - 48;
      digits++;
      if (point) scale--;
    } else if (code === 46 && !point) point = true;
    else break;
  }
  if (digits === 0) return word(bytes, from, to);
  if (at < to) {
    if ((bytes[at]! | 32) !== 101) return Number.NaN;
    at++;
    const minus = bytes[at] === 45;
    if (minus || bytes[at] === 43) at++;
    let exponent = 0;
    const first = at;
    for (; at < to && bytes[at]! >= 48 && bytes[at]! <= 57 && exponent < 10_000; at++)
      exponent = exponent * 10 + bytes[at]! - 48;
    if (at === first || at < to) return Number.NaN;
    scale += minus ? -exponent : exponent;
  }
  if (mantissa > Number.MAX_SAFE_INTEGER || scale > 22 || scale < -22)
    return Number(latin1.decode(bytes.subarray(from, to)));
  const value = scale < 0 ? mantissa / powers[-scale]! : mantissa * powers[scale]!;
  return negative ? -value : value;
}

function word(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > 9) return Number.NaN;
  const found = /^([+-]?)inf(inity)?$/i.exec(latin1.decode(bytes.subarray(from, to)));
  return found === null ? Number.NaN : found[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Whether the bytes are a number as tables write it. */
export const isNumber = (bytes: Uint8Array, from: number, to: number): boolean =>
  to > from &&
  (!Number.isNaN(parseNumber(bytes, from, to)) ||
    (to - from === 3 && /^nan$/i.test(latin1.decode(bytes.subarray(from, to)))));
