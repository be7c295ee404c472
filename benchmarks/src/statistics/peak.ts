/**
 * The most that one thread can multiply and add in 128 bits: a WebAssembly loop over a dozen independent sums, written here instruction by
 * instruction. Without fused multiply-add the product and the sum are two instructions; both builds count as two operations a lane.
 */

/** What of it is used here: Node's types have none of it. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

const sums = 12;
/** Multiply-adds of a sum in one turn of the loop. */
const unrolled = 4;

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, body: readonly number[]) => [id, ...leb(body.length), ...body];
const text = (name: string) => [name.length, ...new TextEncoder().encode(name)];

const [i32, f32, v128] = [0x7f, 0x7d, 0x7b];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const multiply = [0xfd, 0xe6, 0x01];
const add = [0xfd, 0xe4, 0x01];
const multiplyAdd = [0xfd, 0x85, 0x02];
const splat = [0xfd, 0x13];
const firstLane = [0xfd, 0x1f, 0];

/** `run(turns, x)`: locals 2 … 13 are the sums, 14 is x in all lanes; a ← a·x + x. */
function moduleOf(isFused: boolean): Uint8Array<ArrayBuffer> {
  const x = 2 + sums;
  const locals = Array.from({ length: sums }, (_, n) => 2 + n);
  const step = (a: number) =>
    isFused
      ? [...get(a), ...get(x), ...get(x), ...multiplyAdd, ...set(a)]
      : [...get(a), ...get(x), ...multiply, ...get(x), ...add, ...set(a)];
  const turn = Array.from({ length: unrolled }, () => locals.flatMap(step)).flat();
  const code = [
    ...[1, ...leb(sums + 1), v128],
    ...[...get(1), ...splat, ...set(x)],
    ...[0x03, 0x40, ...turn, ...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    ...get(2),
    ...locals.slice(1).flatMap((a) => [...get(a), ...add]),
    ...[...firstLane, 0x0b],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, i32, f32, 1, f32]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("run"), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

/** Whether this engine has fused multiply-add in WebAssembly. */
export const isFused = (): boolean => WebAssembly.validate(moduleOf(true));

/** Operations (a product and a sum are two) in a second of the processor's time, the best of several tries. */
export function peakOfThread(): number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(isFused())));
  const run = exports.run as (turns: number, x: number) => number;
  const turns = 1_000_000;
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 12; n++) {
    const before = process.cpuUsage();
    run(turns, 0.5);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return (turns * unrolled * sums * 4 * 2) / (best / 1000);
}
