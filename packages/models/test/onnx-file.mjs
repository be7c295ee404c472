/** An ONNX model of matrices, each read by a Gemm with transB, so that its rows are neurons. The few protobuf fields it takes. */

const varint = (value) => {
  const bytes = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
};
const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => {
  const content = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
};
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

/** @param {readonly { name: string, shape: readonly [number, number], data: Float32Array }[]} matrices */
export function onnxFile(matrices) {
  const nodes = matrices.map(({ name }, n) =>
    message(
      1,
      bytes(1, `x${n}`),
      bytes(1, name),
      bytes(2, `y${n}`),
      bytes(4, "Gemm"),
      message(5, bytes(1, "transB"), number(3, 1), number(20, 2)),
    ),
  );
  const initializers = matrices.map(({ name, shape, data }) =>
    message(
      5,
      ...shape.map((size) => number(1, size)),
      number(2, 1),
      bytes(8, name),
      bytes(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
    ),
  );
  const values = matrices.flatMap((_, n) => [message(11, bytes(1, `x${n}`)), message(12, bytes(1, `y${n}`))]);
  const graph = message(7, ...nodes, bytes(2, "graph"), ...initializers, ...values);
  return Buffer.concat([number(1, 8), graph, message(8, bytes(1, ""), number(2, 17))]);
}
