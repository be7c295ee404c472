/** `golden.json`, decoded: every array checked for its shape, nothing left to guess. Origin: golden/README.md. */
import { readFileSync } from "node:fs";

export interface GoldenArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  /** Rounded to float32 in the file. */
  readonly rounded: boolean;
}

export interface GoldenExpectation {
  /** May be NaN or infinite. */
  readonly energy: number;
  /** By input; `undefined` where the mathematics gives no finite gradient. */
  readonly gradient: Readonly<Record<string, GoldenArray>> | undefined;
  /** The adversarial projection after its ascent. */
  readonly projectionAfter: GoldenArray | undefined;
  /** The two energies of a bilateral projection. */
  readonly parts: readonly number[] | undefined;
}

export interface GoldenCase {
  readonly id: string;
  readonly fn: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, GoldenArray>>;
  readonly exact: GoldenExpectation | undefined;
  readonly reference: GoldenExpectation | undefined;
  /** Where a case needs more than the usual tolerance. */
  readonly tolerance: number | undefined;
}

type Json = Readonly<Record<string, unknown>>;

export function readGoldenCases(): readonly GoldenCase[] {
  const file: Json = JSON.parse(readFileSync(new URL("../golden/golden.json", import.meta.url), "utf8"));
  return (file.cases as Json[]).map(decodeCase);
}

export function decodeCase(raw: Json): GoldenCase {
  const id = String(raw.id);
  const expected = raw.expected as Json;
  return {
    id,
    fn: String(raw.fn),
    params: raw.params as Json,
    inputs: decodeArrays(raw.inputs as Json, id),
    exact: expected.exact ? decodeExpectation(expected.exact as Json, id) : undefined,
    reference: expected.reference ? decodeExpectation(expected.reference as Json, id) : undefined,
    tolerance: raw.tol as number | undefined,
  };
}

function decodeExpectation(raw: Json, id: string): GoldenExpectation {
  if (!("energy" in raw) || !("grad" in raw)) throw new Error(`${id}: an expectation has energy and grad`);
  return {
    energy: decodeNumber(raw.energy, id),
    gradient: raw.grad === null ? undefined : decodeArrays(raw.grad as Json, id),
    projectionAfter: raw.P_after === undefined ? undefined : decodeArray(raw.P_after, `${id}: P_after`),
    parts: (raw.energy_parts as unknown[] | undefined)?.map((part) => decodeNumber(part, id)),
  };
}

function decodeArrays(raw: Json, id: string): Record<string, GoldenArray> {
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, decodeArray(value, `${id}: ${name}`)]));
}

/** `{ shape, data }`, `{ shape, f64le }` or `{ shape, f32le }`, the last two in base64. */
export function decodeArray(raw: unknown, where: string): GoldenArray {
  const { shape, data, f64le, f32le } = raw as { shape?: number[]; data?: unknown[]; f64le?: string; f32le?: string };
  if (!shape?.every((size) => Number.isInteger(size) && size > 0)) throw new Error(`${where}: no shape`);
  const encodings = [data, f64le, f32le].filter((encoding) => encoding !== undefined);
  if (encodings.length !== 1) throw new Error(`${where}: expected one of data, f64le, f32le`);
  const values = data
    ? Float64Array.from(data, (value) => decodeNumber(value, where))
    : decodeBytes((f64le ?? f32le) as string, f64le === undefined ? 4 : 8, where);
  const size = shape.reduce((product, length) => product * length, 1);
  if (values.length !== size) throw new Error(`${where}: ${values.length} numbers for shape [${shape.join(", ")}]`);
  return { shape, data: values, rounded: f32le !== undefined };
}

function decodeBytes(base64: string, width: 4 | 8, where: string): Float64Array {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length % width !== 0) throw new Error(`${where}: ${bytes.length} bytes aren't whole numbers`);
  const read = (n: number) => (width === 8 ? bytes.readDoubleLE(8 * n) : bytes.readFloatLE(4 * n));
  return Float64Array.from({ length: bytes.length / width }, (_, n) => read(n));
}

const named: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

function decodeNumber(raw: unknown, where: string): number {
  if (typeof raw === "number") return raw;
  if (typeof raw === "string" && raw in named) return named[raw];
  throw new Error(`${where}: ${JSON.stringify(raw)} isn't a number`);
}
