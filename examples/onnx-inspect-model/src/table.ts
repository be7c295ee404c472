/** Layers as a table for the terminal. */
import Table from "cli-table3";
import type { LayerEnergy } from "./inspect.js";

const NONE = "–";
const HEAD = ["layer", "op", "neurons × dim", "energy", "best", "uniform", "score"];

export function layerTable(layers: readonly LayerEnergy[]): string {
  const table = new Table({
    head: HEAD,
    colAligns: HEAD.map((_, column) => (column < 2 ? "left" : "right")),
    style: { head: process.stdout.isTTY ? ["bold"] : [], border: [], compact: true },
  });
  table.push(...layers.map(layerRow));
  return table.toString();
}

function layerRow({ name, op, count, dim, energy, best, uniform, score, deadNeurons }: LayerEnergy): string[] {
  const dead = deadNeurons > 0 ? ` (${deadNeurons} dead)` : "";
  return [
    shorten(name),
    op,
    `${count} × ${dim}${dead}`,
    energy.toFixed(4),
    best?.toFixed(4) ?? NONE,
    Number.isFinite(uniform) ? uniform.toFixed(4) : "∞",
    score?.toFixed(2) ?? NONE,
  ];
}

const WIDTH = 44;

/** Exporters make long names, whose ends say most. */
function shorten(name: string): string {
  const letters = [...name];
  return letters.length > WIDTH ? `…${letters.slice(1 - WIDTH).join("")}` : name;
}

/** Highest score first; where the best is unknown, by how far the energy is above the uniform one. */
export function mostRedundant(layers: readonly LayerEnergy[], count: number): LayerEnergy[] {
  const redundancy = ({ score, energy, uniform }: LayerEnergy) =>
    score ?? (Number.isFinite(uniform) ? energy / uniform : 0);
  return [...layers].sort((a, b) => redundancy(b) - redundancy(a)).slice(0, count);
}
