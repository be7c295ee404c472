import { describe, expect, it } from "vitest";
import { runKey } from "./run-key.js";

describe("runKey", () => {
  it("doesn't depend on the order of keys", () => {
    expect(runKey({ a: 1, b: { c: [1, 2], d: null } })).toBe(runKey({ b: { d: null, c: [1, 2] }, a: 1 }));
  });

  it("differs by any value, and by the order of a list", () => {
    const keys = [{ a: 1 }, { a: 2 }, { a: "1" }, { a: [1, 2] }, { a: [2, 1] }, { b: 1 }].map(runKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
