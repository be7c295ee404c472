/** The functions of `functions.ts` by address, for `test/functions.test.ts` alone: four numbers at `from`, four results at `to`. */
import { exponential, halfAngle, naturalLog, power } from "./functions";

export function takeLog(from: usize, to: usize): void { v128.store(to, naturalLog(v128.load(from))); }
export function takeExponential(from: usize, to: usize): void { v128.store(to, exponential(v128.load(from))); }
export function takePower(from: usize, to: usize, p: f32): void { v128.store(to, power(v128.load(from), p)); }
export function takeHalfAngle(u: usize, v: usize, to: usize): void { v128.store(to, halfAngle(v128.load(u), v128.load(v))); }
