/** Colours that stay apart from each other and from both a white and a near-black page. */
const SERIES = [
  "#4269d0",
  "#e0762f",
  "#d6455d",
  "#2f9e8f",
  "#3f9b3f",
  "#a463d9",
  "#b3742b",
  "#d65c9e",
  "#7f8794",
  "#6a8f00",
] as const;

/** Always the same colour for the n-th arm of a study. */
export function seriesColor(index: number): string {
  return SERIES[index % SERIES.length]!;
}
