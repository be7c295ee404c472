/** An audit as CSV: a line for each layer, numbers in full. */
import type { LayerAudit } from "@comhe/audit";
import { csvLine } from "@comhe/audit/text";

const keys = [
  "file",
  "layer",
  "kind",
  "dataType",
  "count",
  "dim",
  "neuronAxes",
  "score",
  "scoreSpread",
  "energyFull",
  "energyHalf",
  "projected",
  "best",
  "bestIs",
  "random",
  "randomSpread",
  "meanCosine",
  "maxCosine",
  "dead",
  "faint",
  "livingScore",
  "livingSpread",
  "duplicates",
  "effectiveRank",
  "distinctScore",
  "percentile",
] as const;
const last = ["lowerBounds", "method", "note"] as const;
/** Behind the others: programs know columns by their place, too. */
const added = ["role", "readBy", "sameAs", "centredCosine", "isotropy", "stableRank", "estimates"] as const;

const rulesOf = ({ findings }: LayerAudit) => findings.map(({ rule, count }) => `${rule}:${count}`).join(" ");
const nearestOf = ({ nearest }: LayerAudit) =>
  nearest.map(({ a, b, cosine }) => `${a}~${b}:${cosine.toFixed(4)}`).join(" ");
const sharesOf = ({ energyShares }: LayerAudit) =>
  energyShares.map(({ row, share }) => `${row}:${share.toFixed(6)}`).join(" ");

export function auditCsv(layers: readonly LayerAudit[]): string {
  const rows = layers.map((layer) => {
    const [low = null, high = null] = layer.interval ?? [];
    return csvLine([
      ...keys.map((key) => layer[key]),
      low,
      high,
      ...last.map((key) => layer[key]),
      nearestOf(layer),
      rulesOf(layer),
      ...added.map((key) => layer[key]),
      sharesOf(layer),
    ]);
  });
  const head = [...keys, "intervalLow", "intervalHigh", ...last, "nearest", "findings", ...added, "energyShares"];
  return `${[csvLine(head), ...rows].join("\n")}\n`;
}
