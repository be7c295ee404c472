/** Writes a number as tables and pages show it, with so many digits; a dash where there is none. */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size >= 1e6 || size < 1e-4)
      ? value.toExponential(2)
      : value.toFixed(Math.min(digits, size >= 1000 ? 1 : size >= 100 ? 2 : size >= 10 ? 3 : digits));
  return text.replace("-", "−");
}

/** Writes a number with what it counts: `1 layer`, `2 layers`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** Writes a large number in words: 25,165,824 is `25.2 million`. */
export function formatCount(count: number): string {
  const units = [
    [1e9, " billion"],
    [1e6, " million"],
    [1e4, " thousand"],
  ] as const;
  const unit = units.find(([size]) => count >= size);
  if (!unit) return String(count);
  const [size, name] = unit;
  return `${(size === 1e4 ? count / 1000 : count / size).toFixed(1)}${name}`;
}

/** Writes a time in milliseconds for people: `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** A text from a file, a layer's name say, without control characters, so that it is safe to print on a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "�");
}

/** A name from a file in quotes, without control characters, cut where it is longer than `most` characters. */
export function quoted(name: string, most = 20): string {
  const letters = [...printable(name)];
  return JSON.stringify(letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join(""));
}
