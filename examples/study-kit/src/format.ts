/** How numbers read in tables, sentences and plots. Negative numbers carry a true minus sign. */

export function formatFixed(value: number, digits = 2): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

export function formatSigned(value: number, digits = 2): string {
  const text = formatFixed(value, digits);
  return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** Two significant digits; scientific below a thousandth. */
export function formatP(p: number): string {
  if (p >= 0.1) return p.toFixed(2);
  if (p === 0) return "0";
  return p >= 1e-3 ? p.toPrecision(2) : p.toExponential(0).replace("e-", "e−");
}

/** `2 min 5 s` from milliseconds. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** `a, b and c`. */
export function formatList(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

/** 48 as ⁴⁸. */
export function formatExponent(exponent: number): string {
  return String(exponent).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]!);
}
