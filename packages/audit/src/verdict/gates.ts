/** Gates for CI: what a model must not have, as text like `dead,nan,score>3`, and what a report has of it. */
import { type FailedLayer, judgedScore, type LayerAudit } from "../layer/layer-audit.js";
import { formatNumber } from "../text/format-number.js";
import type { RuleName } from "./finding.js";
import { rules } from "./rules.js";

/** One condition that a layer must not fulfil. */
export interface Gate {
  /** As it was written. */
  readonly text: string;
  /** A rule by name, or the score of the living neurons. */
  readonly of: RuleName | "score";
  /** Fails above this: a score, or how many neurons a rule found. */
  readonly above: number;
}

/** A layer that a gate fails. */
export interface GateFailure {
  readonly gate: Gate;
  readonly layer: string;
  /** The numbers, in words. */
  readonly text: string;
}

/** What the gates found. */
export interface Judgement {
  readonly failures: readonly GateFailure[];
  /** Gates that no layer could be held to. */
  readonly unjudged: readonly Gate[];
}

/** Names that gates know. */
export const gateNames: readonly (RuleName | "score")[] = [...rules.map(({ name }) => name), "score"];

/**
 * @param text names of rules with commas between, each perhaps with `>` and a number: `dead,copies>10,score>3`
 * @returns the gates, or what was wrong with the text
 */
export function parseGates(text: string): readonly Gate[] | { readonly problem: string } {
  const gates: Gate[] = [];
  for (const part of text.split(",").map((piece) => piece.trim())) {
    const [, name = "", number] = /^([a-z]+(?:-[a-z]+)*)(?:\s*>\s*(\S+))?$/.exec(part) ?? [];
    const of = gateNames.find((known) => known === name);
    const above = number === undefined ? 0 : Number(number);
    if (of === undefined || !Number.isFinite(above) || (of === "score" && number === undefined)) {
      const expected = `score>NUMBER, or one of ${gateNames.filter((known) => known !== "score").join(", ")}, each perhaps with >NUMBER`;
      return { problem: `expected ${expected}, with commas between; got "${part}"` };
    }
    gates.push({ text: part, of, above });
  }
  return gates;
}

/** Holds every layer to every gate; what is left of layers with broken rows too. */
export function judge(
  { layers, failed }: { readonly layers: readonly LayerAudit[]; readonly failed: readonly FailedLayer[] },
  gates: readonly Gate[],
): Judgement {
  const all = [...layers, ...failed.flatMap(({ rest }) => (rest ? [rest] : []))];
  const failures: GateFailure[] = [];
  const unjudged: Gate[] = [];
  for (const gate of gates) {
    const judged = gate.of === "score" ? all.filter((layer) => judgedScore(layer) !== null) : all;
    if (judged.length === 0) unjudged.push(gate);
    for (const layer of judged) {
      const text = violation(layer, gate);
      if (text !== undefined) failures.push({ gate, layer: layer.layer, text });
    }
  }
  return { failures, unjudged };
}

function violation(layer: LayerAudit, { of, above }: Gate): string | undefined {
  if (of === "score") {
    const score = judgedScore(layer)!;
    return score > above ? `a score of ${formatNumber(score, 2)}` : undefined;
  }
  const found = layer.findings.find(({ rule }) => rule === of);
  return found && found.count > above ? found.text : undefined;
}
