import type { Potential } from "../../src/index.js";

/** A list of potentials that has some of every kind. */
export type PotentialsByKind = { readonly [K in Potential["kind"]]: readonly Extract<Potential, { kind: K }>[] };
