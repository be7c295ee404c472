/** GGUF files by hand: version 3, float32 tensors unless their bytes are given. */
export type GgufValue = number | string | boolean | readonly string[] | readonly number[];

export interface GgufTensorInput {
  readonly name: string;
  /** Outermost axis first. */
  readonly shape: readonly number[];
  readonly data?: Float32Array;
  /** Of a type by its number. */
  readonly type?: number;
  readonly bytes?: Uint8Array;
}

const text = (value: string) => {
  const bytes = new TextEncoder().encode(value);
  return [uint64(bytes.length), bytes];
};
const uint32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
const uint64 = (value: number) => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);

function valueBytes(value: GgufValue): Uint8Array[] {
  if (typeof value === "string") return [uint32(8), ...text(value)];
  if (typeof value === "boolean") return [uint32(7), Uint8Array.of(value ? 1 : 0)];
  if (typeof value === "number") return [uint32(4), uint32(value)];
  const entries = value as readonly (string | number)[];
  const strings = typeof entries[0] === "string";
  return [
    uint32(9),
    uint32(strings ? 8 : 4),
    uint64(entries.length),
    ...entries.flatMap((entry) => (typeof entry === "string" ? text(entry) : [uint32(entry)])),
  ];
}

export function ggufFile(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensorInput[],
  { version = 3 } = {},
): Uint8Array {
  const alignment = 32;
  const bodies = tensors.map(
    ({ shape, data, bytes }) =>
      bytes ??
      new Uint8Array((data ?? Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, n) => n + 1)).buffer),
  );
  let offset = 0;
  const infos = tensors.flatMap(({ name, shape, type = 0 }, n) => {
    const start = offset;
    offset = Math.ceil((offset + bodies[n]!.length) / alignment) * alignment;
    return [...text(name), uint32(shape.length), ...[...shape].reverse().map(uint64), uint32(type), uint64(start)];
  });
  const head = [
    new TextEncoder().encode("GGUF"),
    uint32(version),
    uint64(tensors.length),
    uint64(Object.keys(metadata).length),
    ...Object.entries(metadata).flatMap(([key, value]) => [...text(key), ...valueBytes(value)]),
    ...infos,
  ];
  return padded([...head, "align", ...bodies.flatMap((body) => [body, "align" as const])], alignment);
}

function padded(parts: readonly (Uint8Array | "align")[], alignment: number): Uint8Array {
  const all: number[] = [];
  for (const part of parts) {
    if (part === "align") while (all.length % alignment !== 0) all.push(0);
    else for (const byte of part) all.push(byte);
  }
  return Uint8Array.from(all);
}
