/** What an audit of a model comes to, in three lines: whether anything stands out, where to look first, and what there is to look at. */
import { type FailedLayer, judgedScore, type LayerAudit } from "../layer/layer-audit.js";
import { counted, printable } from "../text/format-number.js";
import { layerLabel } from "../text/layer-label.js";
import type { RuleName } from "./finding.js";
import { layerSentence } from "./layer-findings.js";
import { rules } from "./rules.js";

/** The verdict on a whole model: what the rules found in its layers, in three lines. */
export interface ModelVerdict {
  /** The model's path. */
  readonly file: string;
  /** Whether no rule found anything, and everything could be audited. */
  readonly sound: boolean;
  /** In how many layers each rule found something, by the rule's name; rules that found nothing are left out. */
  readonly findings: Partial<Record<RuleName, number>>;
  /** Three sentences or so: what stands out, where to look first, what to do there. */
  readonly lines: readonly [string, string, string];
}

/** One for each model, in the order in which their layers stand in the report. */
export function modelVerdicts(layers: readonly LayerAudit[], failed: readonly FailedLayer[]): readonly ModelVerdict[] {
  const files = [...new Set([...layers, ...failed].map(({ file }) => file))];
  return files.map((file) =>
    modelVerdict(
      file,
      layers.filter((layer) => layer.file === file),
      failed.filter((layer) => layer.file === file),
    ),
  );
}

function modelVerdict(file: string, layers: readonly LayerAudit[], failed: readonly FailedLayer[]): ModelVerdict {
  // What is left of a layer with broken rows is judged too.
  const all = [...failed.flatMap(({ rest }) => (rest ? [rest] : [])), ...layers];
  const findings: Partial<Record<RuleName, number>> = {};
  for (const { name } of rules) {
    const found = all.filter((layer) => layer.findings.some(({ rule }) => rule === name)).length;
    if (found > 0) findings[name] = found;
  }
  const unread = failed.filter(({ rest }) => rest === undefined);
  const striking = all.filter((layer) => layer.findings.length > 0);
  const sound = striking.length === 0 && unread.length === 0;
  return { file, sound, findings, lines: [whatStandsOut(), whereFirst(), whatToDo(findings, sound)] };

  function whatStandsOut(): string {
    if (all.length === 0) return unread.length === 0 ? "Nothing was audited." : "Nothing could be audited.";
    const missing = unread.length === 0 ? "" : ` ${counted(unread.length, "layer")} couldn't be audited.`;
    if (striking.length === 0) return `Nothing stands out in ${counted(all.length, "layer")}.${missing}`;
    const kinds = Object.entries(findings).map(([rule, count]) => `${rule} in ${count}`);
    if (all.length === 1) return `The only layer stands out: ${Object.keys(findings).join(", ")}.${missing}`;
    return `${striking.length} of ${counted(all.length, "layer")} ${striking.length === 1 ? "stands" : "stand"} out: ${kinds.join(", ")}.${missing}`;
  }

  function whereFirst(): string {
    const first = worst(striking) ?? all.find((layer) => judgedScore(layer) !== null);
    if (first === undefined) {
      const [problem] = unread;
      return problem
        ? `${problem.layer === null ? "" : `${printable(problem.layer)}: `}${printable(problem.problem)}`
        : "No layer has a score.";
    }
    const lead = striking.length > 0 ? "Look first at" : "Its most redundant layer is";
    return `${lead} ${layerLabel(first)}: ${printable(layerSentence(first))}.`;
  }
}

/** By the worst rule, then by how much it concerns, then by score. */
function worst(layers: readonly LayerAudit[]): LayerAudit | undefined {
  const rank = ({ findings: [first] }: LayerAudit) => rules.findIndex(({ name }) => name === first?.rule);
  return [...layers].sort(
    (a, b) => rank(a) - rank(b) || share(b) - share(a) || (judgedScore(b) ?? 0) - (judgedScore(a) ?? 0),
  )[0];
}

const share = ({ findings: [first], count }: LayerAudit) => (first?.count ?? 0) / count;

/** Of the worst rules that found something, what there is to look at. Nothing is promised: an audit sees weights, not what they do. */
function whatToDo(findings: ModelVerdict["findings"], sound: boolean): string {
  const advice: Record<RuleName, string> = {
    nan: "NaN spreads to every output that reads it: go back to a checkpoint from before, and lower the learning rate or clip gradients",
    infinite:
      "Infinities become NaN in the next layer: go back to a checkpoint from before, or store it in a wider type",
    exploding:
      "Rows that are much longer than the others dominate what the layer puts out: see whether they are meant to (a bias, padding)",
    "dead-heads":
      "A dead head reads nothing or writes nothing: see whether it was pruned or masked on purpose, or where its gradients stopped",
    "collapsed-heads":
      "A collapsed head reads or writes only a few directions: compare with an earlier checkpoint to see when it collapsed",
    dead: "A dead neuron ignores its input: see whether that is meant (padding, unused tokens), or where its gradients stopped",
    faint: "A faint neuron hardly depends on its input: see whether weight decay or quantization made it so",
    constant: "A row of one repeated number only sums its inputs: see whether it was ever trained",
    copies:
      "See whether the copies are meant (tied, padded or unused rows); that two are alike doesn't show that one can go",
    crowded:
      "A crowded layer uses few of its dimensions: compare with an earlier checkpoint to see whether it collapsed",
    redundant:
      "See its histogram of angles on the page (--html): neurons crowd where it leaves the line of random directions",
  };
  const [first] = rules.filter(({ name }) => findings[name] !== undefined);
  if (first) return `${advice[first.name]}.`;
  return sound
    ? "There is nothing here that needs looking at; `comhe compare` says what a later checkpoint changed."
    : "What couldn't be audited is named below, with the reason.";
}
