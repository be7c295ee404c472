/**
 * The rule by which a neuron counts as dead or faint. It is that of `@comhe/audit/rows`.
 *
 * @packageDocumentation
 */
export * from "@comhe/audit/rows";
