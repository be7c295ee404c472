/** What stands out in a layer, and the sentence that says it. */
import { distinctScore, judgedInterval, judgedSpread, type LayerAudit } from "../layer/layer-audit.js";
import { formatNumber } from "../text/format-number.js";
import type { Finding } from "./finding.js";
import { type Measured, rules } from "./rules.js";
import { likeLayers } from "./yardstick.js";

/** By every rule, worst first. */
export function layerFindings(layer: Measured): readonly Finding[] {
  return rules.flatMap(({ name, find }) => {
    const found = find(layer);
    return found === null ? [] : [{ rule: name, ...found }];
  });
}

/** What a layer's numbers say, in one sentence without the layer's name: what stands out, else how its neurons compare with random directions. */
export function layerSentence(layer: LayerAudit): string {
  const said = layer.findings.map(({ text }) => text);
  const crowdedOrWorse = layer.findings.some(
    ({ rule }) => rule === "crowded" || rule === "redundant" || rule === "collapsed-heads",
  );
  const rest = crowdedOrWorse ? undefined : spread(layer, said.length > 0);
  const parts = rest === undefined ? said : [...said, rest];
  return parts.length === 0 ? "nothing to compare" : parts.join("; ");
}

/** Half of a sample's 95 % interval of the score: what lies within it of chance isn't told from chance. */
function halfInterval(layer: LayerAudit): number {
  const interval = judgedInterval(layer);
  return interval === null ? 0 : (interval[1] - interval[0]) / 2;
}

/** How the neurons, or those without copies, stand to chance. */
function spread(layer: LayerAudit, others: boolean): string | undefined {
  const own = distinctScore(layer);
  const chance = judgedSpread(layer);
  const deviation = chance === null ? null : chance + halfInterval(layer) / 2;
  if (own === null || deviation === null) return undefined;
  // With copies in a sample the score is of them too.
  if (layer.duplicates > 0 && layer.distinctScore === null) return undefined;
  const who = others ? "the rest is" : "its neurons are";
  if (Math.abs(own - 1) <= 2 * deviation) return `${who} as spread out as random directions`;
  if (own < 1) return `${who} more spread out than random directions`;
  const place = layer.percentile === null ? "" : `, above ${layer.percentile} % of ${likeLayers(layer.dim)}`;
  return `${who} closer together than random directions (score ${formatNumber(own, 2)}${place})`;
}
