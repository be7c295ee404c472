/** What a TensorFlow Lite file says: its constants, and who reads them (tensorflow/compiler/mlir/lite/schema/schema.fbs). */
import { EnergyError } from "@comhe/core/layouts";
import { FlatBuffer, type FlatTable } from "../../flatbuffers/table.js";
import type { ByteSource } from "../../source/byte-source.js";
import { notSound } from "../../source/not-sound.js";

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** "float32", "int8", …; "type 18" where it isn't known. */
  readonly type: string;
  /** A constant's bytes in the file; `undefined` for what is computed. */
  readonly data: { readonly start: number; readonly length: number } | undefined;
  readonly scales: readonly number[];
  readonly zeros: readonly number[];
  /** Which axis the scales belong to. */
  readonly axis: number;
  readonly sparse: boolean;
}

export interface TfliteOperator {
  /** "FULLY_CONNECTED", "operator 200", or a custom operator's own name. */
  readonly name: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: FlatTable | undefined;
}

export interface TfliteGraph {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
}

/** The tables lie anywhere among the weights, so that a file is read whole. */
const largest = 2 ** 30;

const types = [
  "float32",
  "float16",
  "int32",
  "uint8",
  "int64",
  "string",
  "bool",
  "int16",
  "complex64",
  "int8",
  "float64",
  "complex128",
  "uint64",
  "resource",
  "variant",
  "uint32",
  "uint16",
  "int4",
  "bfloat16",
];

const operators: Readonly<Record<number, string>> = {
  0: "ADD",
  2: "CONCATENATION",
  3: "CONV_2D",
  4: "DEPTHWISE_CONV_2D",
  6: "DEQUANTIZE",
  7: "EMBEDDING_LOOKUP",
  9: "FULLY_CONNECTED",
  16: "LSTM",
  18: "MUL",
  22: "RESHAPE",
  24: "RNN",
  27: "SVDF",
  34: "PAD",
  35: "UNIDIRECTIONAL_SEQUENCE_RNN",
  36: "GATHER",
  39: "TRANSPOSE",
  41: "SUB",
  44: "UNIDIRECTIONAL_SEQUENCE_LSTM",
  54: "PRELU",
  67: "TRANSPOSE_CONV",
  114: "QUANTIZE",
  126: "BATCH_MATMUL",
  132: "CONV_3D",
  134: "CONV_3D_TRANSPOSE",
};

/** @throws EnergyError `invalid-file`, `unsupported` */
export async function readGraphs(
  source: ByteSource,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; graphs: TfliteGraph[] }> {
  if (source.size > largest) {
    throw new EnergyError(
      "unsupported",
      `${source.name}: ${source.size} bytes; TensorFlow Lite files are read up to ${largest}. Use the model it was made from.`,
    );
  }
  const bytes = await source.read(0, source.size);
  const damaged = (problem: string) => notSound(source.name, "TensorFlow Lite file", problem);
  const buffer = new FlatBuffer(bytes, damaged);
  const model = buffer.root();
  const codes = model.tables(1).map((code) => {
    const number = Math.max(code.int8(0), code.int32(3));
    return code.text(1) ?? operators[number] ?? `operator ${number}`;
  });
  const buffers = model.tables(4).map((entry) => {
    const own = entry.vector(0, 1);
    // Data of large models lie behind the tables.
    const [offset, size] = [entry.int64(1), entry.int64(2)];
    if (own.length > 0 || offset <= 1) return own;
    if (size < 0 || offset + size > bytes.length)
      throw damaged(`a buffer ends at byte ${offset + size} of ${bytes.length}`);
    return { start: offset, length: size };
  });
  const integers = (table: FlatTable, field: number) => {
    const { start, length } = table.vector(field, 4);
    return Array.from({ length }, (_, n) => buffer.int32(start + 4 * n));
  };
  const graphs = model.tables(2).map((graph) => ({
    tensors: graph.tables(0).map((tensor): TfliteTensor => {
      const quantization = tensor.table(4);
      const scales = quantization?.vector(2, 4) ?? { start: 0, length: 0 };
      const zeros = quantization?.vector(3, 8) ?? { start: 0, length: 0 };
      const shape = integers(tensor, 0);
      if (shape.length > 32 || shape.some((size) => size < -1))
        throw damaged(`a tensor claims shape [${shape.join(", ")}]`);
      const type = tensor.int8(1);
      const data = buffers[tensor.int32(2)];
      return {
        name: tensor.text(3) ?? "",
        shape,
        type: types[type] ?? `type ${type}`,
        data: data && data.length > 0 ? data : undefined,
        scales: Array.from({ length: scales.length }, (_, n) => buffer.float32(scales.start + 4 * n)),
        zeros: Array.from({ length: zeros.length }, (_, n) => buffer.int64(zeros.start + 8 * n)),
        axis: quantization?.int32(6) ?? 0,
        sparse: tensor.table(6) !== undefined,
      };
    }),
    operators: graph.tables(3).map(
      (operator): TfliteOperator => ({
        name: codes[operator.int32(0)] ?? "an unknown operator",
        inputs: integers(operator, 1),
        outputs: integers(operator, 2),
        options: operator.table(4),
      }),
    ),
  }));
  return { bytes, graphs };
}
