/** The matrices of recurrent layers: one for each gate, of what comes in and of what comes from the step before. */
import type { LayerVariable } from "@tensorflow/tfjs-layers";
import { combineRegularizers, SumRegularizer } from "../regularizer/combine-regularizers.js";
import { findEnergies } from "../regularizer/find-energy.js";
import type { Gate } from "../regularizer/gate.js";
import type { HypersphericalEnergy } from "../regularizer/hyperspherical-energy.js";
import type { LayerRegularizer } from "../regularizer/regularizer-base.js";
import type { KernelSite, KernelSites } from "./kernel-site.js";
import type { Layer } from "./layer-graph.js";
import {
  type Cell,
  type CellRegularizer,
  cellKernels,
  cellsOf,
  gateNames,
  isBidirectional,
} from "./recurrent-layers.js";

/** Of a recurrent layer; `undefined` for another one. */
export function recurrentSites(layer: Layer): KernelSites | undefined {
  if (isBidirectional(layer)) {
    const { forwardLayer, backwardLayer } = layer;
    const forward = sitesOf(layer, forwardLayer, "forward/");
    if (!forward || forward.problem) return forward;
    return { sites: [...forward.sites, ...(sitesOf(layer, backwardLayer, "backward/")?.sites ?? [])] };
  }
  return sitesOf(layer, layer, "");
}

function sitesOf(owner: Layer, layer: Layer, prefix: string): KernelSites | undefined {
  const cells = cellsOf(layer);
  if (!cells) return undefined;
  const unknown = cells.find((cell) => !gateNames(cell));
  if (unknown) {
    const name = unknown.getClassName();
    return {
      sites: [],
      problem: `which axes of its weights are neurons isn't known (a recurrent layer with cells of class ${name})`,
    };
  }
  if (!owner.built) return { sites: [], problem: "it has no weights yet: build the layer first" };
  const sites = cells.flatMap((cell, n) => sitesOfCell(owner, cell, cells.length > 1 ? `${prefix}cell ${n}/` : prefix));
  return { sites };
}

function sitesOfCell(layer: Layer, cell: Cell, prefix: string): readonly KernelSite[] {
  const gates = gateNames(cell)!;
  return (Object.keys(cellKernels) as CellRegularizer[]).flatMap((property) => {
    const weight = `${prefix}${cellKernels[property]}`;
    // Someone may have asked for one energy of all gates' neurons together.
    const isWhole = findEnergies(cell[property]).some((energy) => !energy.gate);
    if (gates.length === 0 || isWhole) return [new CellSite(layer, cell, property, weight, undefined)];
    return gates.map((name, index) => {
      const gate = { index, count: gates.length };
      return new CellSite(layer, cell, property, `${weight}[${name}]`, gate);
    });
  });
}

/** What is attached acts by the losses that `recurrent-losses.ts` reads off the cell. */
class CellSite implements KernelSite {
  readonly layout = "neurons-last";
  readonly isRecurrent: boolean;

  constructor(
    readonly layer: Layer,
    private readonly cell: Cell,
    private readonly property: CellRegularizer,
    readonly weight: string,
    readonly gate: Gate | undefined,
  ) {
    this.isRecurrent = property === "recurrentRegularizer";
  }

  get variable(): LayerVariable {
    return this.cell[cellKernels[this.property]]!;
  }

  /** This gate's energy; of a kernel without gates, whatever the layer was given. */
  get regularizer(): LayerRegularizer | undefined {
    const all = this.cell[this.property] ?? undefined;
    if (!this.gate) return all;
    return findEnergies(all).find(({ gate }) => gate?.index === this.gate?.index);
  }

  set regularizer(regularizer: LayerRegularizer | undefined) {
    this.cell[this.property] = regularizer ?? null;
  }

  attach(energy: HypersphericalEnergy): void {
    const existing = this.cell[this.property];
    const parts = existing instanceof SumRegularizer ? existing.regularizers : existing ? [existing] : [];
    this.cell[this.property] = parts.length === 0 ? energy : combineRegularizers([...parts, energy]);
  }
}
