/** Both configs, their weights, the seed and the epochs in the part of the address that no server sees, so that a link holds them. */

export interface Side {
  readonly weight: number;
  /** As it was typed: what is wrong with it is worth sharing, too. */
  readonly config: string;
}

export interface Comparison {
  readonly a: Side;
  readonly b: Side;
  readonly seed: number;
  readonly epochs: number;
}

/** More than this is no config that anyone typed. */
const longest = 20_000;

export function toHash({ a, b, seed, epochs }: Comparison): string {
  const fields = new URLSearchParams();
  for (const [name, side] of [
    ["a", a],
    ["b", b],
  ] as const) {
    fields.set(name, compact(side.config));
    fields.set(`${name}-weight`, String(side.weight));
  }
  fields.set("seed", String(seed));
  fields.set("epochs", String(epochs));
  return `#${fields}`;
}

/** What the address says; what it doesn't, or says badly, is as in `otherwise`. */
export function fromHash(hash: string, otherwise: Comparison): Comparison {
  const fields = new URLSearchParams(hash.replace(/^#/, "").slice(0, 2 * longest));
  const number = (name: string, least: number, most: number, usual: number) => {
    const value = Number(fields.get(name) ?? Number.NaN);
    return value >= least && value <= most ? value : usual;
  };
  const side = (name: "a" | "b"): Side => ({
    weight: number(`${name}-weight`, 0, 1e9, otherwise[name].weight),
    config: expanded(fields.get(name) ?? otherwise[name].config),
  });
  return {
    a: side("a"),
    b: side("b"),
    seed: Math.round(number("seed", 1, 1e6, otherwise.seed)),
    epochs: Math.round(number("epochs", 1, 200, otherwise.epochs)),
  };
}

/** JSON without its spaces; what isn't JSON stays as it is. */
function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** JSON over several lines; what isn't JSON stays as it is. */
export function expanded(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
