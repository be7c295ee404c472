/** Layers of a TensorFlow Lite file: constants that an operator multiplies its input with. */
import type { Layout, Shape } from "@comhe/core/layouts";
import type { ModelParts } from "../../format.js";
import { type LayerSource, type Role, type SkippedTensor, sizeOf, whyNoNeurons } from "../../layer-source.js";
import type { ByteSource } from "../../source/byte-source.js";
import { decoderOf } from "./decode.js";
import { readGraphs, type TfliteGraph, type TfliteOperator } from "./model.js";

interface Place {
  readonly kind: string;
  readonly layout: Layout;
  readonly role?: Role | undefined;
}

/** @throws EnergyError `invalid-file`, `unsupported` */
export async function readTflite(source: ByteSource): Promise<ModelParts> {
  const { bytes, graphs } = await readGraphs(source);
  const layers: LayerSource[] = [];
  const skipped: SkippedTensor[] = [];
  const names = new Set<string>();
  for (const [g, graph] of graphs.entries()) {
    const places = placesIn(graph);
    for (const [n, tensor] of graph.tensors.entries()) {
      if (tensor.data === undefined) continue;
      // The converter joins the names of all that was folded into one.
      const own = tensor.name.split(";")[0] || `tensor ${n}`;
      const plain = g === 0 ? own : `graph ${g}: ${own}`;
      const name = names.has(plain) ? `${plain} (${n})` : plain;
      names.add(name);
      const { shape } = tensor;
      const quantized = tensor.scales.length > 0 && !/^float|^bfloat/.test(tensor.type);
      const dataType = quantized ? `${tensor.type} (quantized)` : tensor.type;
      const place = whyNoNeurons(shape) ?? inStack(places.get(n), shape) ?? "no operator reads it";
      const decode = typeof place === "string" ? place : decoderOf(tensor, bytes);
      if (typeof place === "string" || typeof decode === "string") {
        skipped.push({ name, shape, dataType, reason: String(typeof place === "string" ? place : decode) });
        continue;
      }
      layers.push({
        name,
        ...place,
        shape,
        dataType,
        read: async () => decode(0, sizeOf(shape)),
        readPart: async (from, count) => decode(from, count),
      });
    }
  }
  return { layers, skipped };
}

/** A product of batches has a matrix for each, which is no layer as a whole. */
function inStack(place: Place | string | undefined, shape: Shape): Place | string | undefined {
  const matrices = sizeOf(shape.slice(0, -2));
  return typeof place === "object" && place.kind === "BATCH_MATMUL" && matrices > 1
    ? `input 1 of BATCH_MATMUL, a stack of ${matrices} matrices, which isn't read`
    : place;
}

/** What the operators make of each constant. Constants of half precision are unpacked by an operator of their own first. */
function placesIn({ operators }: TfliteGraph): Map<number, Place | string> {
  const origin = new Map<number, number>();
  for (const { name, inputs, outputs } of operators) {
    if (name === "DEQUANTIZE" && inputs.length === 1 && outputs.length === 1) origin.set(outputs[0]!, inputs[0]!);
  }
  const places = new Map<number, Place | string>();
  for (const operator of operators) {
    for (const [position, tensor] of operator.inputs.entries()) {
      const constant = origin.get(tensor) ?? tensor;
      const known = places.get(constant);
      if (typeof known === "object") continue;
      const place = placeAt(operator, position);
      if (operator.name !== "DEQUANTIZE")
        places.set(constant, place ?? `input ${position} of ${operator.name}, which has no neurons`);
    }
  }
  return places;
}

const gates = ["input gate", "forget gate", "cell", "output gate"];

function placeAt({ name: kind, options }: TfliteOperator, input: number): Place | undefined {
  const first: Layout = "neurons-first";
  if (/^(UNIDIRECTIONAL_SEQUENCE_)?LSTM$/.test(kind)) {
    if (input >= 1 && input <= 8) return { kind, layout: first, role: gates[(input - 1) % 4] };
    return input === 16 ? { kind, layout: first, role: "projection" } : undefined;
  }
  if (/^(UNIDIRECTIONAL_SEQUENCE_)?RNN$/.test(kind))
    return input === 1 || input === 2 ? { kind, layout: first } : undefined;
  if (kind === "GATHER")
    return input === 0 && (options?.int32(0) ?? 0) === 0
      ? { kind: "embedding", layout: first, role: "embedding" }
      : undefined;
  if (input !== 1) return undefined;
  switch (kind) {
    // [out, in]; [out, h, w, in]
    case "FULLY_CONNECTED":
    case "CONV_2D":
    case "TRANSPOSE_CONV":
    case "SVDF":
      return { kind, layout: first };
    // [1, h, w, out]
    case "DEPTHWISE_CONV_2D":
    // [d, h, w, in, out]
    case "CONV_3D":
      return { kind, layout: "neurons-last" };
    case "CONV_3D_TRANSPOSE":
      return { kind, layout: { neuronAxes: [-2] } };
    case "EMBEDDING_LOOKUP":
      return { kind: "embedding", layout: first, role: "embedding" };
    // [..., in, out], or the other way round where the operator transposes it.
    case "BATCH_MATMUL":
      return { kind, layout: options?.int8(1) === 1 ? { neuronAxes: [-2] } : "neurons-last" };
    default:
      return undefined;
  }
}
