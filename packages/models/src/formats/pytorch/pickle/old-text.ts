/** Numbers and strings of protocol 0, which writes them as text. */
import { PickleProblem, plainInteger } from "./pickle-cursor.js";

export function oldInteger(line: string): number | bigint | boolean {
  if (line === "00") return false;
  if (line === "01") return true;
  const digits = line.replace(/L$/, "");
  if (!/^[+-]?\d{1,2500}$/.test(digits))
    throw new PickleProblem(`its pickle holds "${line.slice(0, 40)}" for an integer`);
  return plainInteger(BigInt(digits.replace(/^\+/, "")));
}

export function oldFloat(line: string): number {
  const special: Readonly<Record<string, number>> = {
    inf: Number.POSITIVE_INFINITY,
    "-inf": Number.NEGATIVE_INFINITY,
    nan: Number.NaN,
  };
  if (Object.hasOwn(special, line)) return special[line]!;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line)) {
    throw new PickleProblem(`its pickle holds "${line.slice(0, 40)}" for a number`);
  }
  return Number(line);
}

/** A string as Python 2's `repr` writes it: each character a byte. */
export function quotedText(line: string): string {
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote) {
    throw new PickleProblem("its pickle holds a string without quotes");
  }
  const named: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };
  return line
    .slice(1, -1)
    .replace(/\\(x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g, (_, __, hex, octal, other) =>
      hex !== undefined
        ? String.fromCharCode(Number.parseInt(hex, 16))
        : octal !== undefined
          ? String.fromCharCode(Number.parseInt(octal, 8) & 255)
          : (named[other] ?? (other === "\\" || other === "'" || other === '"' ? other : `\\${other}`)),
    );
}

/** Python's raw-unicode-escape: only \u and \U are escapes. */
export function escapedText(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short, long) => {
    const code = Number.parseInt(short ?? long, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
