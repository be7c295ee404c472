/** Potentials with s < 0 and frame potentials on every backend, against golden/potentials.json, made by golden/potentials.py from the definitions. */
import { readFileSync } from "node:fs";
import { energyAndGradient, type Potential, type Space } from "@comhe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { backends } from "./support/backends.js";

interface Golden {
  readonly rows: readonly (readonly number[])[];
  readonly values: readonly { potential: Potential; space: Space; energy: number; gradient: readonly number[] }[];
}
const golden = JSON.parse(readFileSync(new URL("golden/potentials.json", import.meta.url), "utf8")) as Golden;
const shape = [golden.rows.length, golden.rows[0]!.length] as const;

describe.each(backends)("$name", ({ create, tolerance }) => {
  let backend: Awaited<ReturnType<typeof create>>;
  beforeAll(async () => {
    backend = await create();
  });

  it.each(golden.values.map((value) => [JSON.stringify(value.potential), value.space, value] as const))(
    "%s, %s space",
    async (_name, _space, { potential, space, energy, gradient }) => {
      const isExact = backend.precision === "float64";
      const data = (isExact ? Float64Array : Float32Array).from(golden.rows.flat());
      const got = await energyAndGradient(backend, { potential, space }, { data, shape });
      expect(Math.abs(got.energy - energy)).toBeLessThan(tolerance * Math.abs(energy));
      const largest = Math.max(...gradient.map(Math.abs));
      // In half space s = −1 by the angle is constant: there is only rounding to compare.
      const scale = Math.max(largest, Math.abs(energy) * 0.1);
      gradient.forEach((value, n) => void expect(Math.abs(got.gradient[n]! - value)).toBeLessThan(tolerance * scale));
    },
  );
});
