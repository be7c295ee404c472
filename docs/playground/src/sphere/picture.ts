/** The sphere and its electrons on a canvas, the near ones in front; turned by pointer, touch and keys. */

/** Up to so many electrons the lines between neighbours are drawn, which show the lattice they form. */
const mostWithLines = 400;
/** Neighbours are those at most this many times as far as the nearest. */
const reach = 1.35;
/** Colours of the page, light or dark, are read anew this often, in milliseconds. */
const coloursLast = 500;

type Turn = readonly [number, number, number, number, number, number, number, number, number];

export class SpherePicture {
  private turn: Turn = rotated(rotated([1, 0, 0, 0, 1, 0, 0, 0, 1], 0.5, "y"), 0.35, "x");
  private zoom = 1;
  private positions: Float32Array = new Float32Array(0);
  private lines: readonly (readonly [number, number])[] = [];
  private stale = true;
  private colours = { at: -Infinity, electron: "", opposite: "", line: "", ball: "", ground: "" };
  private readonly context: CanvasRenderingContext2D;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d")!;
    new ResizeObserver(() => this.fit()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colours.at = -Infinity;
      this.stale = true;
    });
    canvas.addEventListener("keydown", (event) => this.obeyKey(event));
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) this.turnBy(event.movementX / 160, event.movementY / 160);
    });
    this.fit();
  }

  /** @param lines also draws each electron's opposite, paler: in half space a neuron is a line */
  show(positions: Float32Array, lines: boolean): void {
    this.positions = lines ? Float32Array.from([...positions, ...positions.map((x) => -x)]) : positions;
    this.opposites = lines;
    this.lines = neighbours(this.positions);
    this.stale = true;
  }
  private opposites = false;

  turnBy(across: number, down: number): void {
    this.turn = rotated(rotated(this.turn, across, "y"), down, "x");
    this.stale = true;
  }

  /** Draws, if there is anything new to see. */
  render(): void {
    if (!this.stale) return;
    this.stale = false;
    this.readColours();
    const { context, positions, turn } = this;
    const count = positions.length / 3;
    const { width, height } = this.canvas;
    const radius = 0.42 * this.zoom * Math.min(width, height);
    const seen = new Float32Array(positions.length);
    for (let n = 0; n < positions.length; n += 3) {
      const [x, y, z] = [positions[n]!, positions[n + 1]!, positions[n + 2]!];
      seen[n] = width / 2 + radius * (turn[0] * x + turn[1] * y + turn[2] * z);
      seen[n + 1] = height / 2 - radius * (turn[3] * x + turn[4] * y + turn[5] * z);
      seen[n + 2] = turn[6] * x + turn[7] * y + turn[8] * z;
    }
    context.clearRect(0, 0, width, height);
    this.drawBall(radius);
    const order = Array.from({ length: count }, (_, n) => n).sort((a, b) => seen[3 * a + 2]! - seen[3 * b + 2]!);
    const size = Math.max(1.2 * devicePixelRatio, Math.min(0.06, 0.42 / Math.sqrt(count)) * radius);
    this.drawLines(seen, false);
    let at = 0;
    for (; at < count && seen[3 * order[at]! + 2]! < 0; at++) this.drawElectron(seen, order[at]!, count, size);
    this.drawLines(seen, true);
    for (; at < count; at++) this.drawElectron(seen, order[at]!, count, size);
    context.globalAlpha = 1;
  }

  private drawBall(radius: number): void {
    const { context, canvas } = this;
    const [x, y] = [canvas.width / 2, canvas.height / 2];
    const shade = context.createRadialGradient(x - radius / 3, y - radius / 3, radius / 8, x, y, radius);
    shade.addColorStop(0, this.colours.ground);
    shade.addColorStop(1, this.colours.ball);
    context.globalAlpha = 1;
    context.fillStyle = shade;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }

  private drawElectron(seen: Float32Array, n: number, count: number, size: number): void {
    const { context, colours } = this;
    const depth = seen[3 * n + 2]!;
    context.globalAlpha = depth < 0 ? 0.32 : 1;
    context.fillStyle = this.opposites && n >= count / 2 ? colours.opposite : colours.electron;
    context.beginPath();
    context.arc(seen[3 * n]!, seen[3 * n + 1]!, size * (0.8 + 0.2 * depth), 0, 2 * Math.PI);
    context.fill();
  }

  private drawLines(seen: Float32Array, front: boolean): void {
    const { context } = this;
    context.globalAlpha = front ? 0.8 : 0.25;
    context.strokeStyle = this.colours.line;
    context.lineWidth = devicePixelRatio;
    context.beginPath();
    for (const [a, b] of this.lines) {
      if (seen[3 * a + 2]! + seen[3 * b + 2]! > 0 !== front) continue;
      context.moveTo(seen[3 * a]!, seen[3 * a + 1]!);
      context.lineTo(seen[3 * b]!, seen[3 * b + 1]!);
    }
    context.stroke();
  }

  private readColours(): void {
    if (performance.now() - this.colours.at < coloursLast) return;
    const style = getComputedStyle(this.canvas);
    const read = (name: string, otherwise: string) => style.getPropertyValue(name) || otherwise;
    this.colours = {
      at: performance.now(),
      electron: read("--accent", "#3a5ccc"),
      opposite: read("--second", "#a8480f"),
      line: read("--quiet", "#777"),
      ball: read("--line", "#ccc"),
      ground: read("--ground", "white"),
    };
  }

  private obeyKey(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.turnBy(-0.1, 0),
      ArrowRight: () => this.turnBy(0.1, 0),
      ArrowUp: () => this.turnBy(0, -0.1),
      ArrowDown: () => this.turnBy(0, 0.1),
      "+": () => this.zoomBy(1.1),
      "-": () => this.zoomBy(1 / 1.1),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  }

  private zoomBy(factor: number): void {
    this.zoom = Math.min(6, Math.max(0.5, this.zoom * factor));
    this.stale = true;
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    this.stale = true;
  }
}

/** Pairs that are about as near as an electron's nearest. */
function neighbours(positions: Float32Array): readonly (readonly [number, number])[] {
  const count = positions.length / 3;
  if (count > mostWithLines) return [];
  const distance = (a: number, b: number) =>
    Math.hypot(
      positions[3 * a]! - positions[3 * b]!,
      positions[3 * a + 1]! - positions[3 * b + 1]!,
      positions[3 * a + 2]! - positions[3 * b + 2]!,
    );
  const nearest = new Float32Array(count).fill(Infinity);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      const apart = distance(a, b);
      nearest[a] = Math.min(nearest[a]!, apart);
      nearest[b] = Math.min(nearest[b]!, apart);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      if (distance(a, b) <= reach * Math.max(nearest[a]!, nearest[b]!)) pairs.push([a, b]);
    }
  }
  return pairs;
}

/** The rotation, turned further about one of the screen's axes. */
function rotated(m: Turn, angle: number, axis: "x" | "y"): Turn {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const by: Turn = axis === "y" ? [c, 0, s, 0, 1, 0, -s, 0, c] : [1, 0, 0, 0, c, -s, 0, s, c];
  const cell = (i: number, j: number) => by[3 * i]! * m[j]! + by[3 * i + 1]! * m[3 + j]! + by[3 * i + 2]! * m[6 + j]!;
  return [cell(0, 0), cell(0, 1), cell(0, 2), cell(1, 0), cell(1, 1), cell(1, 2), cell(2, 0), cell(2, 1), cell(2, 2)];
}
