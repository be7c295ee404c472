/** Options of the wrong name or kind are told where they are given, not where they are missed. */
import { EnergyError, type Layout } from "@comhe/core";

/**
 * @param where names what has the options
 * @throws EnergyError `invalid-config` for a key that isn't among the known ones
 */
export function checkKeys(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new EnergyError("invalid-config", `${where}: unknown key "${unknown}", expected ${known.join(", ")}.`, {
    path: unknown,
  });
}

/** Whether it fits a kernel, the kernel's shape says later. @throws EnergyError `invalid-config` */
export function checkLayout(layout: Layout): Layout {
  const named = ["neurons-first", "neurons-last", "depthwise"];
  if (typeof layout === "string" ? named.includes(layout) : Array.isArray(layout?.neuronAxes)) return layout;
  throw new EnergyError(
    "invalid-config",
    'layout: expected "neurons-first", "neurons-last", "depthwise" or { neuronAxes: [...] }, got ' +
      `${JSON.stringify(layout)}.`,
    { path: "layout" },
  );
}
