/** Gates for CI: what a model must not have, as text like `dead,nan,score>3`, and what a report has of it. */
import { type FailedLayer, judgedScore, type LayerAudit } from "../layer/layer-audit.js";
import { formatNumber } from "../text/format-number.js";
import type { RuleName } from "./finding.js";
import { rules } from "./rules.js";

/** A condition that no layer may fulfil, for tests of models in continuous integration. */
export interface Gate {
  /** The condition as it was written: `copies>10`. */
  readonly text: string;
  /** The name of a rule, or the score of the living neurons. */
  readonly of: RuleName | "score";
  /** A layer fails above this score, or where the rule found more neurons than this. */
  readonly above: number;
}

/** A layer that fails a gate. */
export interface GateFailure {
  /** The gate that it fails. */
  readonly gate: Gate;
  /** The layer's name. */
  readonly layer: string;
  /** The numbers that show it, in words. */
  readonly text: string;
}

/** What came of holding layers to gates. */
export interface Judgement {
  /** The layers that fail, gate by gate. */
  readonly failures: readonly GateFailure[];
  /** Gates that no layer could be held to, since none has a score. */
  readonly unjudged: readonly Gate[];
}

/** Names that gates know. */
export const gateNames: readonly (RuleName | "score")[] = [...rules.map(({ name }) => name), "score"];

/**
 * Reads gates from text.
 *
 * @param text names of rules with commas between, each perhaps with `>` and a number: `dead,copies>10,score>3`
 * @returns the gates, or what was wrong with the text
 */
export function parseGates(text: string):
  | readonly Gate[]
  | {
      /** What was expected and what was got, in words. */
      readonly problem: string;
    } {
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

/** Holds every layer of a report to every gate; of layers with rows that aren't finite, what is left of them. */
export function judge(
  {
    layers,
    failed,
  }: {
    /** The layers that were audited. */
    readonly layers: readonly LayerAudit[];
    /** The layers that weren't, some of which have a rest that was. */
    readonly failed: readonly FailedLayer[];
  },
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
