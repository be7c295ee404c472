/** The refresh schedule: which draw a step uses. */

/** Draw number at `step`: a new one every `refresh` steps, the first one for ever at 0. */
export function refreshIndex(step: number, refresh: number): number {
  return refresh === 0 ? 0 : Math.floor(step / refresh);
}
