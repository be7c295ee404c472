/**
 * Views (transposed, sliced) of numbers that lie in a file: any stretch of them, read in the order of the file and in
 * pieces, so that memory is bounded. A stretch whose numbers lie far apart, such as a column, costs a pass over what lies
 * between; as many of its neighbours as a bounded panel holds are then taken along, and the next request finds them there.
 */
import type { NumberArray } from "./stored-tensor.js";
import { emptyLike, rowMajor, type View } from "./strided.js";

export type ReadRange<T extends NumberArray = NumberArray> = (from: number, count: number) => Promise<T>;

/** Numbers that are read at a time. */
const atOnce = 1 << 22;
/** Numbers that a panel may hold. */
const panelNumbers = 1 << 25;
/** What lies between two runs is read along up to here; beyond, each run is read alone. */
const widestGap = 1 << 16;

interface Panel {
  readonly of: View;
  readonly from: number;
  readonly data: NumberArray;
}

/** The latest panel of any view: one, so that memory stays bounded however many are open. It only saves work. */
let latest: Panel | undefined;

/** Reads numbers `from` … `from + count` of a view, row major. A view is known by its object: keep it for all of its reads. */
export async function readView<T extends NumberArray>(
  view: View,
  from: number,
  count: number,
  read: ReadRange<T>,
): Promise<T> {
  if (latest?.of === view && latest.from <= from && from + count <= latest.from + latest.data.length) {
    const found = latest.data.slice(from - latest.from, from - latest.from + count) as T;
    // After the last of its numbers nobody comes back for it.
    if (from + count === countOf(view)) latest = undefined;
    return found;
  }
  const wanted = scattered(view, from, count) ? Math.min(countOf(view) - from, Math.max(count, panelNumbers)) : count;
  const data = await readStretch(view, from, wanted, read);
  if (wanted === count) return data;
  latest = { of: view, from, data };
  return data.slice(0, count) as T;
}

const countOf = ({ sizes }: View): number => sizes.reduce((product, size) => product * size, 1);

/** Whether what lies between the stretch's numbers is much more than they are. */
function scattered(view: View, from: number, count: number): boolean {
  const { box } = boxOf(view, from, count);
  const extent = box.sizes.reduce((sum, size, axis) => sum + (size - 1) * Math.abs(box.steps[axis]!), 1);
  return extent > atOnce && extent > 8 * countOf(box);
}

/** The smallest box of the view that holds a stretch, and where in the view it begins. */
function boxOf({ sizes, steps, offset }: View, from: number, count: number): { box: View; begin: number } {
  let begin = 0;
  let at = offset;
  let rest = sizes.reduce((product, size) => product * size, 1);
  for (let axis = 0; axis < sizes.length; axis++) {
    rest /= sizes[axis]!;
    const first = Math.floor((from - begin) / rest);
    const last = Math.ceil((from + count - begin) / rest);
    begin += first * rest;
    at += first * steps[axis]!;
    // Within one entry of this axis: the next one decides.
    if (last - first === 1) continue;
    const box = { sizes: [last - first, ...sizes.slice(axis + 1)], steps: steps.slice(axis), offset: at };
    return { box, begin };
  }
  return { box: { sizes: [], steps: [], offset: at }, begin };
}

async function readStretch<T extends NumberArray>(
  view: View,
  from: number,
  count: number,
  read: ReadRange<T>,
): Promise<T> {
  if (count === 0) return (await read(0, 0)) as T;
  const { box, begin } = boxOf(view, from, count);
  const inner = countOf(box) / (box.sizes[0] ?? 1);
  const [before, middle] = [from - begin, begin + inner - from];
  // The end of one entry and the start of the next need not cost both of them.
  if (box.sizes[0] === 2 && middle > 0 && count < inner) {
    const first = await readStretch(view, from, middle, read);
    const second = await readStretch(view, from + middle, count - middle, read);
    const joined = emptyLike(first, count);
    joined.set(first as never, 0);
    joined.set(second as never, middle);
    return joined;
  }
  const data = await readBox(box, read);
  return data.length === count ? data : (data.slice(before, before + count) as T);
}

interface Axis {
  readonly size: number;
  /** Distance in the source, ≥ 0 … */
  readonly step: number;
  /** … and in the result, negative where the view reads backwards. */
  readonly target: number;
}

async function readBox<T extends NumberArray>({ sizes, steps, offset }: View, read: ReadRange<T>): Promise<T> {
  const targets = rowMajor(sizes);
  let source = offset;
  let target = 0;
  const axes: Axis[] = sizes.map((size, axis) => {
    const step = steps[axis]!;
    if (step >= 0) return { size, step, target: targets[axis]! };
    source += (size - 1) * step;
    target += (size - 1) * targets[axis]!;
    return { size, step: -step, target: -targets[axis]! };
  });
  // In the order of the source: the longest distance outside.
  axes.sort((a, b) => b.step - a.step);
  const last = axes.reduce((sum, { size, step }) => sum + (size - 1) * step, source);
  const piece = pieceLength(axes);
  const count = sizes.reduce((product, size) => product * size, 1);
  let held = (await read(source, Math.min(piece, last + 1 - source))) as T;
  let heldFrom = source;
  const result = emptyLike(held, count);
  const line = axes.pop() ?? { size: 1, step: 0, target: 0 };
  // Lines whose places in the result are neighbours go together: else every number would cost a cache line of its own.
  const across = axes.at(-1);
  const together = across !== undefined && Math.abs(across.target) < Math.abs(line.target) ? tile : 1;
  const lineAxis = axes.length;
  const position = axes.map(() => 0);
  const load = async (at: number) => {
    held = (await read(at, Math.min(piece, last + 1 - at))) as T;
    heldFrom = at;
  };
  for (let lines = count / line.size; lines > 0; ) {
    const extent = (line.size - 1) * line.step + 1;
    const left = across === undefined ? 1 : across.size - position[lineAxis - 1]!;
    let taken = Math.min(together, left);
    if (taken > 1 && (taken - 1) * across!.step + extent > piece) taken = 1;
    const whole = (taken - 1) * (across?.step ?? 0) + extent;
    if (whole <= piece) {
      if (source < heldFrom || source + whole > heldFrom + held.length) await load(source);
      copyLines(held, source - heldFrom, result, target, line, across, taken);
    } else {
      for (let i = 0; i < line.size; ) {
        const at = source + i * line.step;
        if (at < heldFrom || at >= heldFrom + held.length) await load(at);
        const within = line.step === 0 ? line.size : i + Math.ceil((heldFrom + held.length - at) / line.step);
        const end = Math.min(line.size, within);
        for (; i < end; i++) result[target + i * line.target] = held[source + i * line.step - heldFrom]!;
      }
    }
    lines -= taken;
    for (let axis = lineAxis - 1, by = taken; axis >= 0; axis--, by = 1) {
      const { size, step, target: distance } = axes[axis]!;
      source += step * by;
      target += distance * by;
      position[axis]! += by;
      if (position[axis]! < size) break;
      source -= step * size;
      target -= distance * size;
      position[axis] = 0;
    }
  }
  return result;
}

/** Lines that are copied together. */
const tile = 16;

/** `taken` lines, the numbers of all of them at one place after another. */
function copyLines<T extends NumberArray>(
  from: T,
  source: number,
  to: T,
  target: number,
  line: Axis,
  across: Axis | undefined,
  taken: number,
): void {
  if (taken === 1 || across === undefined) {
    for (let i = 0, s = source, t = target; i < line.size; i++, s += line.step, t += line.target) to[t] = from[s]!;
    return;
  }
  for (let i = 0; i < line.size; i++) {
    let s = source + i * line.step;
    let t = target + i * line.target;
    for (let n = 0; n < taken; n++, s += across.step, t += across.target) to[t] = from[s]!;
  }
}

/** How many numbers are read at a time: as many as lie together where others lie far away. */
function pieceLength(axes: readonly Axis[]): number {
  let together = 1;
  for (const { size, step } of [...axes].reverse()) {
    if (size === 1) continue;
    if (step > together + widestGap) return Math.min(together, atOnce);
    together = step * (size - 1) + together;
  }
  return atOnce;
}
