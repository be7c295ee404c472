/** Layers of a GGUF file, or of all files that one model was split into. */
import { EnergyError } from "@comhe/core/layouts";
import type { ModelParts, ReadContext } from "../../format.js";
import { type LayerSource, type SkippedTensor, sizeOf, whyNoNeurons } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { damaged } from "./damaged.js";
import { type GgufHeader, type GgufTensor, readHeader } from "./header.js";
import { textsOf } from "./metadata.js";
import { headsOf, placeTensor } from "./placement.js";
import { isReadable, readNumbers } from "./read-numbers.js";

interface Opened extends GgufHeader {
  readonly source: ByteSource;
}

const mostFiles = 1000;

/** @throws EnergyError `invalid-file` where it is damaged or a part is missing; `unsupported` for versions that aren't read */
export async function readGguf(source: ByteSource, { neighbours }: ReadContext): Promise<ModelParts> {
  const given: Opened = { source, ...(await readHeader(source)) };
  const opened: ByteSource[] = [];
  const close = async () => void (await Promise.all(opened.map((file) => file.close?.())));
  try {
    const files: Opened[] = [];
    for (const name of partNames(given)) {
      if (name === undefined) {
        files.push(given);
        continue;
      }
      const part = await neighbours.open(name);
      if (part === undefined) {
        throw new EnergyError(
          "invalid-file",
          `${source.name}: the model was split, and its part ${name} isn't beside this one. Put all parts into one folder.`,
        );
      }
      opened.push(part);
      files.push({ source: part, ...(await readHeader(part)) });
    }
    return { ...listLayers(files), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The files of a split model in order; `undefined` stands for the one that was opened. */
function partNames({ source, metadata }: Opened): readonly (string | undefined)[] {
  const count = metadata.get("split.count");
  if (typeof count !== "number" || count <= 1) return [undefined];
  const name = decodeURIComponent(
    source.name
      .replace(/[?#].*$/, "")
      .split(/[\\/]/)
      .at(-1)!,
  );
  const found = /^(.*)-(\d{5})-of-(\d{5})(\.gguf)?$/i.exec(name);
  if (found === null || Number(found[3]) !== count || count > mostFiles) {
    throw new EnergyError(
      "invalid-file",
      `${source.name}: one of ${count} parts of a split model, but its name doesn't say which. Expected a name such as ` +
        "model-00001-of-00003.gguf, with the other parts beside it.",
    );
  }
  return Array.from({ length: count }, (_, n) => {
    const number = String(n + 1).padStart(5, "0");
    return number === found[2] ? undefined : `${found[1]}-${number}-of-${found[3]}${found[4] ?? ""}`;
  });
}

/** Metadata are the first file's; the others have little of their own. */
function listLayers(files: readonly Opened[]): ModelParts {
  const { metadata, source } = files[0]!;
  const layers: LayerSource[] = [];
  const skipped: SkippedTensor[] = [];
  const notes: string[] = [];
  const names = new Set<string>();
  const statistics = metadata.get("general.type") === "imatrix";
  for (const file of files) {
    for (const tensor of file.tensors) {
      if (names.has(tensor.name)) throw damaged(file.source, `tensor "${tensor.name}" is in two parts of the model`);
      names.add(tensor.name);
      const { name, shape, typeName: dataType } = tensor;
      const parts = statistics ? "statistics of activations, not weights" : partsOf(tensor, metadata);
      if (typeof parts === "string") {
        skipped.push({ name, shape, dataType, reason: parts });
        continue;
      }
      for (const { part, kind, role, from, shape, note } of parts) {
        layers.push({
          name: part === undefined ? name : `${name} [${part}]`,
          kind,
          role,
          heads: headsOf(name, role, shape, metadata),
          shape,
          layout: "neurons-first",
          dataType,
          note,
          read: () => readNumbers(file.source, tensor, from, sizeOf(shape)),
          readPart: (first, count) => readNumbers(file.source, tensor, from + first, count),
          ...rowNames(source, metadata, name, shape[0]!),
        });
      }
    }
  }
  return { layers, skipped, notes };
}

function partsOf(tensor: GgufTensor, metadata: GgufHeader["metadata"]) {
  const { name, shape, type, typeName } = tensor;
  const reason = whyNoNeurons(shape);
  if (reason !== undefined) return reason;
  if (!isReadable(type)) {
    if (type?.plain) return `${typeName}, not floating point`;
    return `${typeName}, a packing that isn't read; quantize the model as Q4_K or Q8_0 to audit it`;
  }
  return placeTensor(name, shape, metadata);
}

/** A vocabulary belongs to the tables of tokens, class labels to a classifier's head. */
function rowNames(source: ByteSource, metadata: GgufHeader["metadata"], name: string, rows: number) {
  const architecture = String(metadata.get("general.architecture"));
  const key = /^(token_embd|per_layer_token_embd|output)\.weight$/.test(name)
    ? "tokenizer.ggml.tokens"
    : /^cls\.output\.weight$/.test(name)
      ? `${architecture}.classifier.output_labels`
      : undefined;
  const list = key === undefined ? undefined : metadata.get(key);
  if (typeof list !== "object" || !("length" in list) || list.length !== rows) return undefined;
  return { rowNames: () => textsOf(source, list) };
}
