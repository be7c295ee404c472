/** The JSON Schema says what `defineEnergy` does. */
import { describe, expect, it } from "vitest";
import { accepts, type Schema } from "../../test/support/json-schema.js";
import { wrongConfigs } from "../../test/support/wrong-configs.js";
import { defineEnergy } from "./define-energy.js";
import { energyJsonSchema } from "./schema.js";
import type { EnergyConfig } from "./types.js";

const schema = energyJsonSchema() as Schema;

function kindsOf(name: "projection" | "potential"): string[] {
  return (schema.properties?.[name].oneOf ?? []).map(({ properties }) => String(properties?.kind.const));
}

describe("energyJsonSchema", () => {
  it("is plain JSON of draft 2020-12", () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
  });

  it("lists every kind, and every default", () => {
    expect(kindsOf("projection").slice(0, 4)).toEqual(["none", "fixed", "random", "group"]);
    expect(kindsOf("potential")).toEqual(["riesz", "gaussian", "frame"]);
    const defaults = Object.entries(schema.properties ?? {}).map(([name, property]) => [name, property.default]);
    expect(Object.fromEntries(defaults)).toEqual(defineEnergy());
  });

  it("says of every key and of every kind what it means", () => {
    const said: string[] = [];
    const look = (part: Schema, path: string): void => {
      for (const [key, property] of Object.entries(part.properties ?? {})) {
        if (key === "kind") continue;
        expect(property.description, `${path}.${key}`).toMatch(/^.{10,}\.$/s);
        said.push(property.description!);
        for (const each of property.oneOf ?? []) {
          if (!each.properties?.kind) continue;
          const kind = `${path}.${key}: ${each.properties.kind.const}`;
          expect(each.description, kind).toMatch(/^.{10,}\.$/s);
          look(each, kind);
        }
        look(property, `${path}.${key}`);
      }
    };
    look(schema, "config");
    expect(said.length).toBeGreaterThan(40);
  });

  it("forbids extra keys at every level", () => {
    let objects = 0;
    const walk = (part: unknown): void => {
      if (typeof part !== "object" || part === null) return;
      if ((part as Schema).type === "object") {
        objects++;
        expect((part as Schema).additionalProperties).toBe(false);
      }
      Object.values(part).forEach(walk);
    };
    walk(schema);
    // The config, two potentials, every projection, and at least one matrix.
    expect(objects).toBeGreaterThanOrEqual(1 + 2 + kindsOf("projection").length + 1);
  });

  it("accepts what defineEnergy accepts and makes", () => {
    const configs: readonly EnergyConfig[] = [
      {},
      { potential: { kind: "riesz", s: 0 }, space: "half", separationFloor: 0, normEpsilon: 1e-4 },
      { projection: { kind: "random" } },
      { projection: { kind: "fixed", matrices: { data: [1, 2], shape: [1, 1, 2] } } },
      { projection: { kind: "group", groups: 3, shuffle: true } },
      { potential: { kind: "gaussian", t: 2 } },
    ];
    for (const config of configs) {
      expect(accepts(schema, config), JSON.stringify(config)).toBe(true);
      expect(accepts(schema, JSON.parse(JSON.stringify(defineEnergy(config))))).toBe(true);
    }
  });

  // JSON has no NaN and no Infinity.
  const inJson = wrongConfigs.filter(([what]) => !/NaN|Infinity/.test(what));
  it.each(inJson)("refuses %s", (_what, config) => {
    expect(accepts(schema, config)).toBe(false);
  });
});
