/**
 * ONNX has no magic number: a file is a protobuf message, ModelProto, and begins with one of its fields. Which fields those
 * are, and what may be in them, tells it from nearly everything else, TensorFlow's messages included.
 *
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto: ir_version = 1 (varint), producer_name = 2, producer_version = 3,
 * domain = 4 (texts), model_version = 5 (varint), doc_string = 6 (text), graph = 7, opset_import = 8,
 * metadata_props = 14, training_info = 20, functions = 25, configuration = 26 (messages).
 */

const varint = 0;
const delimited = 2;
const fields: ReadonlyMap<number, number> = new Map([
  [1, varint],
  [2, delimited],
  [3, delimited],
  [4, delimited],
  [5, varint],
  [6, delimited],
  [7, delimited],
  [8, delimited],
  [14, delimited],
  [20, delimited],
  [25, delimited],
  [26, delimited],
]);
const texts = new Set([2, 3, 4, 6]);

/** @param size of the whole file: no field is longer than what follows it */
export function beginsAsOnnx(start: Uint8Array, size: number): boolean {
  let at = 0;
  let found = 0;
  while (at < start.length) {
    const tag = readVarint(start, at);
    if (tag === undefined) return found > 0 && start.length < size;
    const [field, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    if (fields.get(field) !== wire) return false;
    const value = readVarint(start, tag.end);
    if (value === undefined) return found > 0 && start.length < size;
    if (field === 1 && !(value.value >= 1 && value.value <= 1000)) return false;
    at = value.end;
    if (wire === delimited) {
      if (at + value.value > size) return false;
      if (texts.has(field) && !isText(start.subarray(at, at + value.value))) return false;
      // The graph is most of the file, whatever follows it.
      if (field === 7) return true;
      at += value.value;
    }
    found++;
  }
  return found > 0;
}

function readVarint(bytes: Uint8Array, from: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let n = 0; n < 8; n++) {
    const byte = bytes[from + n];
    if (byte === undefined) return undefined;
    value += (byte & 127) * 2 ** (7 * n);
    if (byte < 128) return { value, end: from + n + 1 };
  }
  return undefined;
}

/** No control characters but white space. */
const isText = (bytes: Uint8Array) => bytes.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
