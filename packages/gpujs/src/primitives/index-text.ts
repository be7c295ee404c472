/** Where a thread of a kernel finds its numbers, as kernel text. */
import type { Extent } from "../device/device-array.js";

/** The index of a thread's number, as kernel text; the strides are the constants `${name}x`, `${name}y`, `${name}z`. */
export function indexText(name: string, [x, y, z]: Extent): string {
  const terms = Object.entries({ z, y, x }).flatMap(([axis, stride]) => {
    if (stride === 0) return [];
    return stride === 1 ? [`this.thread.${axis}`] : [`this.thread.${axis} * this.constants.${name}${axis}`];
  });
  return terms.length === 0 ? "0" : terms.join(" + ");
}

/** The constants that {@link indexText} reads. */
export function indexConstants(name: string, [x, y, z]: Extent): Record<string, number> {
  const constants: Record<string, number> = {};
  if (x > 1) constants[`${name}x`] = x;
  if (y > 1) constants[`${name}y`] = y;
  if (z > 1) constants[`${name}z`] = z;
  return constants;
}
