/**
 * What people have that isn't read: named, with what to do instead. Every file is held against this list, so that nobody is
 * told of a damaged file that is a sound one of another kind.
 */
import type { ZipEntry } from "../zip/zip-entry.js";
import { isFrozenGraph, isSentencePiece } from "./other-messages.js";
import { startsWith } from "./starts-with.js";

export interface UnreadKind {
  /** "a TensorFlow Lite file" */
  readonly what: string;
  readonly instead: string;
  readonly test: (start: Uint8Array, name: string, size: number) => boolean;
}

const magic =
  (text: string, at = 0) =>
  (start: Uint8Array) =>
    startsWith(start, text, at);
const asText = (start: Uint8Array) => new TextDecoder("latin1").decode(start.subarray(0, 1024)).replace(/^ï»¿/, "");
const textLike = (form: RegExp) => (start: Uint8Array) => form.test(asText(start));

const fromSavedModel =
  "Load it with tf.keras and save it as .keras, or convert it: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx";

/** Known by their bytes, whatever they are called. */
export const unreadKinds: readonly UnreadKind[] = [
  {
    what: "a web page (HTML), not a model",
    instead:
      "The address of a page was downloaded: take that of the file itself (on Hugging Face …/resolve/… in place of …/blob/…).",
    test: textLike(/^\s*(<!--[\s\S]*?-->\s*)*<(!doctype\s+html|html|head|body)\b/i),
  },
  {
    what: "an answer of the hub in place of the file",
    instead: "It says that there is no such file, or that it isn't yours to see: check the address, or log in.",
    test: textLike(
      /^(Entry not found|Repository not found|Invalid username or password|Access to model .{1,200} is restricted)/,
    ),
  },
  {
    what: "text in UTF-16",
    instead: "Save it as UTF-8, as iconv -f UTF-16 -t UTF-8 does.",
    test: (start) => /^(\xff\xfe([^\0]\0){3}|\xfe\xff(\0[^\0]){3})/.test(String.fromCharCode(...start.subarray(0, 8))),
  },
  {
    what: "an OpenVINO model's description",
    instead: "Use the model it was converted from, such as its ONNX file.",
    test: textLike(/^\s*(<\?xml[^>]*\?>\s*)?<net\s/),
  },
  {
    what: "an XML document, not a model",
    instead: "A server may have answered with an error: look into it, and download the file again.",
    test: textLike(/^\s*<\?xml\b/),
  },
  {
    what: "a frozen graph of TensorFlow (GraphDef)",
    instead: "Convert it: python -m tf2onnx.convert --graphdef FILE --output model.onnx --inputs … --outputs …",
    test: isFrozenGraph,
  },
  {
    what: "a Core ML model",
    instead: "Use the model it was converted from.",
    test: (start, name) => /\.mlmodel$/i.test(name) && start[0] === 0x08,
  },
  {
    what: "the tokenizer of a model (SentencePiece)",
    instead: "Name the file of weights beside it.",
    test: isSentencePiece,
  },
  {
    what: "a model in ONNX Runtime's own format",
    instead: "Use the .onnx file it was made from.",
    test: magic("ORTM", 4),
  },
  { what: "an ExecuTorch program", instead: "Use the PyTorch model it was exported from.", test: magic("ET12", 4) },
  {
    what: "a TensorRT engine",
    instead: "Use the model it was built from.",
    test: (s) => magic("ftrt")(s) || magic("ptrt")(s),
  },
  {
    what: "a GGML file of the time before GGUF",
    instead: "Convert it with llama.cpp's convert_llama_ggml_to_gguf.py.",
    test: (s) => ["lmgg", "fmgg", "tjgg", "algg"].some((each) => magic(each)(s)),
  },
  {
    what: "a fastText model",
    instead: "Save its vectors as text (.vec): `fasttext print-word-vectors`, or model.get_word_vector in Python.",
    test: magic("\xba\x16\x4f\x2f"),
  },
  {
    what: "an index of FAISS",
    instead: "Save its vectors: numpy.save('vectors.npy', index.reconstruct_n(0, index.ntotal)).",
    // Four letters for the kind, then the dimension and the count.
    test: (start) =>
      /^(Ix(FI|F2|Fl|HE|He|Pq|PQ|PT|Mp|M2|RF|rf|SQ|SL)|IHN[a-z0-9]|I[vw](Fl|FI|Sq|SQ|PQ|Pq|QR|Pf)|IB[xwmH][a-zA-Z0-9])/.test(
        String.fromCharCode(...start.subarray(0, 4)),
      ) && start[7] === 0,
  },
  {
    what: "a file of joblib",
    instead: "Load it where you trust it and save its arrays: numpy.savez.",
    test: (start) => start[0] === 0x80 && new TextDecoder("latin1").decode(start).includes("joblib.numpy_pickle"),
  },
  {
    what: "parameters of MXNet",
    instead: "Save them with mxnet's numpy: numpy.savez.",
    test: magic("\x12\x01\0\0\0\0\0\0"),
  },
  {
    what: "an ncnn model's description",
    instead: "Use the model it was converted from.",
    test: textLike(/^7767517\s/),
  },
  {
    what: "a MATLAB file",
    instead: "Load it in Python (scipy.io.loadmat, h5py) and save its arrays with numpy.savez.",
    test: magic("MATLAB "),
  },
  {
    what: "a Feather file of version 1",
    instead: "Save it as Parquet or as Feather of version 2.",
    test: magic("FEA1"),
  },
  { what: "an ORC file", instead: "Save it as Parquet.", test: magic("ORC") },
  { what: "an Avro file", instead: "Save it as Parquet.", test: magic("Obj\x01") },
  {
    what: "a SQLite database",
    instead: "Save the table of vectors as .npy or Parquet.",
    test: magic("SQLite format 3\0"),
  },
  ...(
    [
      ["a gzip file", "\x1f\x8b", 0],
      ["a Zstandard file", "\x28\xb5\x2f\xfd", 0],
      ["an LZ4 file", "\x04\x22\x4d\x18", 0],
      ["a bzip2 file", "BZh", 0],
      ["an xz file", "\xfd7zXZ\0", 0],
      ["a 7-Zip archive", "7z\xbc\xaf\x27\x1c", 0],
      ["a RAR archive", "Rar!\x1a\x07", 0],
      ["a tar archive", "ustar", 257],
    ] as const
  ).map(([what, bytes, at]) => ({
    what,
    instead: "Unpack it first, and name the model in it.",
    test: magic(bytes, at),
  })),
  ...(
    [
      ["a picture (PNG)", "\x89PNG"],
      ["a picture (JPEG)", "\xff\xd8\xff"],
      ["a PDF document", "%PDF-"],
    ] as const
  ).map(([what, bytes]) => ({ what, instead: "Name the model's file.", test: magic(bytes) })),
];

/** Known by their names alone: their bytes are bare numbers. Asked last. */
export const unreadNames: readonly UnreadKind[] = [
  {
    what: "a shard of a TensorFlow checkpoint or SavedModel",
    instead: "Name the saved_model.pb it belongs to, or the .index beside it.",
    test: (_, name) => /\.data-\d{5}-of-\d{5}$|\.ckpt\.meta$/.test(name),
  },
  {
    what: "a shard of a TensorFlow.js model",
    instead: "Name the model.json, or the weights manifest, beside it.",
    test: (_, name) => /shard-?\d+(of\d+)?(\.bin)?$/i.test(name),
  },
  {
    what: "the data of an ONNX model",
    instead: "Name the .onnx file beside it.",
    test: (_, name) => /\.onnx[._]data(_\d+)?$/i.test(name),
  },
  {
    what: "Darknet's weights, whose layers are described in a .cfg file",
    instead: "Convert them to ONNX or PyTorch.",
    test: (_, name) => /\.weights$/i.test(name),
  },
  { what: "a Caffe model", instead: "Convert it to ONNX.", test: (_, name) => /\.caffemodel$/i.test(name) },
  {
    what: "a TensorFlow graph or a SavedModel, damaged or of a kind that isn't known",
    instead: `${fromSavedModel}.`,
    test: (_, name) => /\.pb$/i.test(name),
  },
  {
    what: "OpenVINO's or another program's bare numbers",
    instead: "Use the model they were converted from, or save arrays with numpy.savez.",
    test: (_, name) => /\.(bin|dat|data|raw)$/i.test(name),
  },
];

/** Zip archives that aren't read, by the files in them. */
export const unreadArchives: readonly {
  readonly what: string;
  readonly instead: string;
  readonly test: (entries: readonly ZipEntry[]) => boolean;
}[] = [
  {
    what: "a program of torch.export (.pt2)",
    instead: "Save its weights: torch.save(exported.state_dict, …).",
    test: (entries) =>
      entries.some(({ name }) => /(^|\/)archive_format$|(^|\/)serialized_exported_program\.json$/.test(name)),
  },
  {
    what: "a TorchScript file of PyTorch before 1.4",
    instead: "Load it by torch.jit.load and save it again.",
    test: (entries) =>
      entries.some(({ name }) => /^[^/]+\/model\.json$/.test(name)) &&
      entries.some(({ name }) => /^[^/]+\/tensors\/\d+$/.test(name)),
  },
  {
    what: "a package of torch.package",
    instead: "Load its model and save the weights: torch.save(model.state_dict(), …).",
    test: (entries) => entries.some(({ name }) => /(^|\/)\.data\/extern_modules$/.test(name)),
  },
  {
    what: "a bundle with a TensorFlow Lite file in it (such as MediaPipe's)",
    instead: "Use the model it was converted from.",
    test: (entries) => entries.some(({ name }) => /\.tflite$/i.test(name)),
  },
  {
    what: "an archive of a TensorFlow SavedModel",
    instead: "Convert it with tf2onnx, or load it with tf.keras and save it as .keras.",
    test: (entries) => entries.some(({ name }) => /(^|\/)saved_model\.pb$/.test(name)),
  },
  {
    what: "a Core ML model",
    instead: "Use the model it was converted from.",
    test: (entries) => entries.some(({ name }) => /\.mlmodel$|(^|\/)coremldata\.bin$/i.test(name)),
  },
  {
    what: "an archive that holds a model",
    instead: "Unpack it first, and name the file in it.",
    test: (entries) => entries.some(({ name }) => /\.(safetensors|onnx|gguf|pt|pth|h5|keras|parquet)$/i.test(name)),
  },
];
