/**
 * Protobuf messages that aren't ONNX: none has a magic number, but each begins with fields of its own, one within the other.
 */

/**
 * TensorFlow's SavedModel: saved_model_schema_version = 1 (1), then meta_graphs = 2, which begin with meta_info_def = 1 or
 * graph_def = 2.
 */
export function isSavedModel(start: Uint8Array, name: string): boolean {
  if (start[0] !== 0x08 || start[1] !== 0x01 || start[2] !== 0x12) return false;
  const graph = messageAt(start, 2, 0x12);
  return (
    graph !== undefined && (/(^|[\\/])saved_model\.pb$/.test(name) || start[graph] === 0x0a) && !isText(start, graph)
  );
}

/** TensorFlow's GraphDef: node = 1, each with name = 1 and op = 2. */
export function isFrozenGraph(start: Uint8Array): boolean {
  const node = messageAt(start, 0, 0x0a);
  if (node === undefined) return false;
  const name = textAt(start, node, 0x0a);
  const op = name === undefined ? undefined : textAt(start, name.end, 0x12);
  return op !== undefined && /^[A-Z_][A-Za-z0-9_]*$/.test(op.text);
}

/** SentencePiece's ModelProto: pieces = 1, each with piece = 1 (a text) and score = 2 (a float). */
export function isSentencePiece(start: Uint8Array): boolean {
  const piece = messageAt(start, 0, 0x0a);
  if (piece === undefined) return false;
  const text = textAt(start, piece, 0x0a);
  return text !== undefined && start[text.end] === 0x15;
}

/** Where the content of a field begins that begins here. */
function messageAt(bytes: Uint8Array, at: number, tag: number): number | undefined {
  if (bytes[at] !== tag) return undefined;
  for (let n = 1; n <= 5; n++) {
    const byte = bytes[at + n];
    if (byte === undefined) return undefined;
    if (byte < 128) return at + n + 1;
  }
  return undefined;
}

/** A short text in a field that begins here. */
function textAt(
  bytes: Uint8Array,
  at: number,
  tag: number,
): { readonly text: string; readonly end: number } | undefined {
  const begin = messageAt(bytes, at, tag);
  if (begin !== at + 2) return undefined;
  const end = begin + bytes[at + 1]!;
  if (end > bytes.length || end === begin) return undefined;
  const text = new TextDecoder().decode(bytes.subarray(begin, end));
  return /^[^\p{Cc}]+$/u.test(text) ? { text, end } : undefined;
}

/** What begins here reads as text, as the producer of an ONNX model does. */
const isText = (bytes: Uint8Array, at: number): boolean =>
  bytes.length > at + 4 && bytes.subarray(at, at + 5).every((byte) => byte >= 32 && byte < 127);
