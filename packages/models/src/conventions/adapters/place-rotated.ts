/**
 * OFT and BOFT: W′ = W·Rᵀ with R orthogonal, of blocks that turn all neurons alike. There is no ΔW to look at: the base
 * model's matrix stands for the one that it turns.
 */
import { EnergyError } from "@comhe/core/layouts";
import { sizeOf } from "../../layer-source.js";
import type { TensorBag } from "../tensor-bag.js";
import type { AdapterConfig } from "./adapter-config.js";
import type { FoundPart } from "./adapter-parts.js";
import type { BaseTensors } from "./base-tensors.js";
import { departure } from "./orthogonal-blocks.js";

/** @throws EnergyError `invalid-file` where the base model hasn't the matrix */
export async function placeRotated(
  bag: TensorBag,
  parts: readonly FoundPart[],
  config: AdapterConfig,
  base: BaseTensors | undefined,
): Promise<void> {
  const names = parts.map(({ tensor }) => tensor.name);
  const leaveOut = (reason: string) => {
    for (const name of names) bag.leaveOut(name, reason);
  };
  const [{ module, called }] = parts as [FoundPart];
  const lengths = parts.find(({ called }) => called.endsWith("_s"));
  // PEFT has turned inputs ever since it stored lengths beside the blocks; before that, some turned outputs.
  if (called === "oft_r" && lengths === undefined) {
    return leaveOut("OFT of an old PEFT, whose blocks may mix neurons: not put together");
  }
  const kind = called.startsWith("boft") ? "BOFT" : "OFT";
  const notes = [
    `"${module}" is turned by an orthogonal matrix (${kind}), which changes no angle between its neurons: its energy is the base model's`,
  ];
  const rotation = parts.find(({ called }) => called === "oft_R");
  if (rotation !== undefined && rotation.tensor.shape.length === 2 && config.cayleyTerms !== undefined) {
    const found = await departure(rotation.tensor, config.cayleyTerms);
    notes.push(
      found === undefined
        ? `as far as ${config.cayleyTerms} terms of Cayley's series make it orthogonal`
        : `it is orthogonal to ${found.toExponential(0)} (${config.cayleyTerms} terms of Cayley's series)`,
    );
  }
  if (lengths !== undefined) {
    const values = await lengths.tensor.read(0, sizeOf(lengths.tensor.shape));
    if (values.some((value) => !(value > 0))) notes.push("but some of its neurons change their sign or vanish");
  }
  const note = notes.join("; ");
  if (base === undefined) return leaveOut(note);
  const weight = base.find(module, "weight");
  if (weight === undefined) {
    throw new EnergyError(
      "invalid-file",
      `${base.name}: expected "${module}.weight", which the adapter turns; it has none. Is it this adapter's base model?`,
    );
  }
  const bias = base.find(module, "bias");
  bag.replace(names, [{ ...weight, note }, ...(bias && !bag.get(bias.name) ? [bias] : [])]);
}
