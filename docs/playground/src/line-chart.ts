/** Lines over steps or epochs, as SVG. */

export interface Line {
  readonly name: string;
  /** A CSS colour. */
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartOptions {
  /** What the horizontal axis counts. */
  readonly over: string;
  /** A dashed line: a bound. */
  readonly rule?: number | undefined;
  /** Both ends of the vertical axis; default: those of the lines and the rule. */
  readonly range?: readonly [number, number];
}

const [width, height] = [460, 220];
const margin = { left: 62, right: 12, top: 10, bottom: 34 };

/** Draws the lines in place of what `into` holds; each is named in its description for those who can't see it. */
export function drawLines(into: HTMLElement, lines: readonly Line[], { over, rule, range }: ChartOptions): void {
  const points = lines.flatMap((line) => line.points);
  const ys = points.map(([, y]) => y).concat(rule ?? []);
  const [low, high] = range ?? padded(Math.min(...ys), Math.max(...ys));
  const last = Math.max(1, ...points.map(([x]) => x));
  const across = (x: number) => margin.left + (x / last) * (width - margin.left - margin.right);
  const down = (y: number) => margin.top + ((high - y) / (high - low)) * (height - margin.top - margin.bottom);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": describe(lines, over) });
  for (const y of points.length > 0 ? ticks(low, high) : []) {
    svg.append(
      element("line", {
        x1: margin.left,
        x2: width - margin.right,
        y1: down(y),
        y2: down(y),
        stroke: "var(--line)",
        "stroke-width": 0.5,
      }),
      text(margin.left - 6, down(y) + 4, "end", short(y)),
    );
  }
  svg.append(
    text(margin.left, height - 10, "start", "0"),
    text(width - margin.right, height - 10, "end", `${over} ${last}`),
  );
  if (rule !== undefined && points.length > 0) {
    svg.append(
      element("line", {
        x1: margin.left,
        x2: width - margin.right,
        y1: down(rule),
        y2: down(rule),
        stroke: "var(--quiet)",
        "stroke-dasharray": "5 4",
      }),
    );
  }
  for (const { color, points: of } of lines) {
    const path = of.map(([x, y], n) => `${n === 0 ? "M" : "L"}${across(x).toFixed(1)} ${down(y).toFixed(1)}`).join("");
    svg.append(
      element("path", { d: path, fill: "none", stroke: color, "stroke-width": 2.5, "stroke-linejoin": "round" }),
    );
  }
  into.replaceChildren(svg);
}

function describe(lines: readonly Line[], over: string): string {
  const said = lines.map(({ name, points }) => {
    const [x, y] = points.at(-1) ?? [];
    return y === undefined ? `${name}: nothing yet` : `${name}: ${short(y)} at ${over} ${x}`;
  });
  return said.join("; ");
}

function padded(low: number, high: number): readonly [number, number] {
  if (!Number.isFinite(low + high)) return [0, 1];
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  return [low - room, high + room];
}

/** Three to six round numbers between both. */
function ticks(low: number, high: number): readonly number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= rough) ?? power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, n) => (first + n) * step);
}

function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 4;
  return String(Number(value.toFixed(digits)));
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function text(x: number, y: number, anchor: string, content: string): SVGElement {
  const made = element("text", { x, y, "text-anchor": anchor });
  made.textContent = content;
  return made;
}
