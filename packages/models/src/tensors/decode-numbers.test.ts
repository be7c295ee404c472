import { describe, expect, it } from "vitest";
import {
  float8e4m3,
  float8e4m3fnuz,
  float8e5m2,
  float8e5m2fnuz,
  float8e8m0,
  type NumberType,
} from "./decode-numbers.js";

/** A float8's value from its bits, with nothing but the definition: Micikevicius et al. 2022; Noune et al. 2022 for "fnuz". */
function value(code: number, exponentBits: number, bias: number, special: "ieee" | "fn" | "fnuz"): number {
  const mantissaBits = 7 - exponentBits;
  const mantissa = code & (2 ** mantissaBits - 1);
  const exponent = (code >> mantissaBits) & (2 ** exponentBits - 1);
  const sign = code & 128 ? -1 : 1;
  const largest = 2 ** exponentBits - 1;
  if (special === "fnuz" && code === 128) return Number.NaN;
  if (special === "fn" && exponent === largest && mantissa === 2 ** mantissaBits - 1) return Number.NaN;
  if (special === "ieee" && exponent === largest) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  const fraction = mantissa / 2 ** mantissaBits;
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

describe("all codes of eight bits", () => {
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
  it.each<[NumberType, number, number, "ieee" | "fn" | "fnuz"]>([
    [float8e4m3, 4, 7, "fn"],
    [float8e5m2, 5, 15, "ieee"],
    [float8e4m3fnuz, 4, 8, "fnuz"],
    [float8e5m2fnuz, 5, 16, "fnuz"],
  ])("$name", (type, exponentBits, bias, special) => {
    const expected = Array.from(codes, (code) => value(code, exponentBits, bias, special));
    expect(Array.from(type.decode(codes))).toEqual(expected);
  });

  it("their largest and smallest, as the papers have them", () => {
    const one = (type: NumberType, code: number) => type.decode(Uint8Array.of(code))[0];
    expect([one(float8e4m3, 0x7e), one(float8e4m3, 1)]).toEqual([448, 2 ** -9]);
    expect([one(float8e5m2, 0x7b), one(float8e5m2, 1)]).toEqual([57_344, 2 ** -16]);
    expect([one(float8e4m3fnuz, 0x7f), one(float8e4m3fnuz, 1)]).toEqual([240, 2 ** -10]);
    expect([one(float8e5m2fnuz, 0x7f), one(float8e5m2fnuz, 1)]).toEqual([57_344, 2 ** -17]);
    expect([one(float8e8m0, 0), one(float8e8m0, 127), one(float8e8m0, 254), one(float8e8m0, 255)]).toEqual([
      2 ** -127,
      1,
      2 ** 127,
      Number.NaN,
    ]);
  });
});
