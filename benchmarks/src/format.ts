/** Numbers as tables and messages show them. */

export function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

export function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}

/** A speed as a share of another; a dash where that isn't known. */
export function percent(part: number, whole: number | undefined): string {
  return whole === undefined ? "–" : `${((100 * part) / whole).toFixed(0)} %`;
}
