/**
 * The rule by which a neuron is dead or faint: what `@comhe/audit/rows` has.
 *
 * @packageDocumentation
 */
export * from "@comhe/audit/rows";
