/** Arguments in the wrong place or of the wrong kind, which are the commonest mistakes. */
import { describe, expect, it } from "vitest";
import { normalArray } from "../../test/support/random-rows.js";
import { EnergyError } from "../errors/energy-error.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { energyAndGradient } from "./evaluator.js";

const backend = referenceBackend();
const weights = { data: normalArray(1, 40), shape: [5, 8] };

describe("what isn't an argument", () => {
  it.each([
    ["a promise", Promise.resolve(backend), "got a promise. Await it first"],
    ["the maker", referenceBackend, "got the function referenceBackend. Call it"],
    ["a name", "wasm", 'got "wasm"'],
    ["nothing", undefined, "got nothing"],
    ["a config", { space: "half" }, "The backend is the first argument"],
  ])("%s in place of a backend", async (_, given, says) => {
    const error = await energyAndGradient(given as never, {}, weights).catch((problem) => problem);
    expect(error).toBeInstanceOf(EnergyError);
    expect(error.code).toBe("invalid-config");
    expect(error.message).toContain("backend: expected a backend");
    expect(error.message).toContain(says);
  });

  it.each([
    [{ sede: 7 }, 'options: unknown key "sede", expected seed, name.'],
    [{ seed: "7" }, 'got "7".'],
    [{ name: 5 }, "name: expected a string, got 5."],
  ])("options %j", async (options, says) => {
    const error = await energyAndGradient(backend, {}, weights, options as never).catch((problem) => problem);
    expect(error).toMatchObject({ code: "invalid-config", message: expect.stringContaining(says) });
  });
});
