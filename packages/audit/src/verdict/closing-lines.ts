/** What a report ends with, in the terminal and on the page: whether named rows are alike, heads and experts are well, and which gate would hold a model to it. */
import type { LayerAudit } from "../layer/layer-audit.js";
import type { AuditReport } from "../model/audit-report.js";
import { counted, formatNumber, printable, quoted } from "../text/format-number.js";
import { layerLabel } from "../text/layer-label.js";
import type { ExpertMixture } from "../units/experts.js";

/** Each a sentence or two. Names in them are safe to show as text. */
export const closingLines = (report: AuditReport): readonly string[] => [
  ...alikeByName(report),
  ...headsOf(report),
  ...expertsOf(report),
  ...gatesOf(report),
];

/** Layers with names whose most similar rows are said, and how many of those. */
const [mostLayers, mostPairs] = [3, 3];

/** Tokens and labels: whoever asks which of them are alike is told without knowing their numbers. */
function alikeByName({ layers }: AuditReport): readonly string[] {
  // Layers with the same numbers are one.
  const named = layers.filter(({ nearest, sameAs }) => sameAs === null && nearest.some(({ names }) => names !== null));
  return named.slice(0, mostLayers).map((layer) => {
    const pairs = layer.nearest.slice(0, mostPairs).map(({ a, b, names, cosine }) => {
      const [one, other] = names ? names.map((name) => quoted(name)) : [`row ${a}`, `row ${b}`];
      return `${one} ~ ${other} (cosine ${formatNumber(cosine, 3)})`;
    });
    const copies = layer.duplicates === 0 && layer.lowerBounds.length === 0 ? "; none are copies" : "";
    const seen = layer.lowerBounds.includes("nearest") ? " of those that were seen" : "";
    return `Most alike${seen} in ${layerLabel(layer)}: ${pairs.join(", ")}${copies}.`;
  });
}

/** Whether a head is dead is asked of sound models, too. */
function headsOf({ layers, failed }: AuditReport): readonly string[] {
  const looked = [...layers, ...failed.flatMap(({ rest }) => (rest ? [rest] : []))].flatMap(({ units }) => units ?? []);
  if (looked.length === 0) return [];
  const sum = (of: (units: NonNullable<LayerAudit["units"]>) => number) =>
    looked.reduce((total, units) => total + of(units), 0);
  const heads = sum(({ count }) => count);
  const [dead, collapsed] = [sum((units) => units.dead.length), sum((units) => units.collapsed.length)];
  return [
    `Heads: ${heads} in ${counted(looked.length, "attention matrix", "attention matrices")}; ${orNone(dead)} dead, ${orNone(collapsed)} collapsed.`,
  ];
}

/** From this mean cosine of same-numbered neurons on, two experts are said to be alike: chance is within a few over √d of 0. */
export const alikeExperts = 0.5;

function expertsOf({ mixtures }: AuditReport): readonly string[] {
  if (mixtures.length === 0) return [];
  const dead = mixtures.reduce((sum, mixture) => sum + mixture.dead.length, 0);
  const cosine = ({ alike }: ExpertMixture) => alike?.cosine ?? Number.NEGATIVE_INFINITY;
  const most = mixtures.reduce((found, mixture) => (cosine(mixture) > cosine(found) ? mixture : found));
  const repeating = mixtures.filter((mixture) => cosine(mixture) >= alikeExperts).length;
  const alike =
    most.alike === null
      ? ""
      : ` Neuron by neuron the most alike are experts ${most.alike.a} and ${most.alike.b} of ${printable(most.name)} (mean cosine ${formatNumber(most.alike.cosine, 2)})${repeating > 1 ? `; in ${counted(repeating - 1, "more mixture")}, too, two experts are alike` : ""}.`;
  const matrices = mixtures.reduce((sum, { experts }) => sum + experts.length, 0);
  return [`Experts: ${matrices} matrices in ${counted(mixtures.length, "mixture")}; ${orNone(dead)} dead.${alike}`];
}

const orNone = (count: number) => (count === 0 ? "none" : String(count));

/** What a gate in CI would be, of what was found or of what should never be. */
function gatesOf({ verdicts }: AuditReport): readonly string[] {
  const found = [...new Set(verdicts.flatMap(({ findings }) => Object.keys(findings)))];
  const gates = found.length === 0 ? ["nan", "infinite", "dead", "crowded"] : found;
  return [
    `In CI: comhe audit --fail-on ${gates.join(",")} ends with exit code 1 where ${gates.length === 1 ? "this" : "any of these"} is found.`,
  ];
}
