/**
 * Where a Keras variable has its neurons, by the class of its layer. Keras keeps outputs on the last axes: Dense `[in, out]`,
 * Conv `[..., in, out]`; transposed convolutions `[..., out, in]` and depthwise ones `[..., in, multiplier]` are the
 * exceptions. Where the class isn't known (weights alone, a layer of one's own), the bias tells: it has a number for each neuron.
 */
import type { Layout, Shape } from "@comhe/core/layouts";
import type { Role } from "../../layer-source.js";
import type { LayerConfigs } from "./config.js";
import type { Variable } from "./variables.js";

export interface KerasPlace {
  /** The class, as Keras writes it where it is known: "Dense". */
  readonly kind: string;
  /** "kernel", also where the file has numbers. */
  readonly variable: string;
  readonly layout: Layout;
  readonly role?: Role | undefined;
  readonly note?: string | undefined;
  /** Matrices side by side along the last axis. */
  readonly gates?: readonly string[] | undefined;
  /** Config of the layer, for its packing. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** Order of the gates in a kernel, by how many there are. */
const gatesOf: Readonly<Record<number, readonly string[]>> = {
  1: ["hidden"],
  3: ["update gate", "reset gate", "hidden"],
  4: ["input gate", "forget gate", "cell", "output gate"],
};

const last: Layout = "neurons-last";
const beforeLast: Layout = { neuronAxes: [-2] };

/** Variables of a class in the order in which Keras numbers them. */
const numbered: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^separableconv/, ["depthwise_kernel", "pointwise_kernel", "bias"]],
  [/embedding$/, ["embeddings"]],
  [/^(dense|einsumdense|conv|convolution|depthwiseconv)/, ["kernel", "bias"]],
  [/(lstm|gru|simplernn)(cell)?$/, ["kernel", "recurrent_kernel", "bias"]],
];

const noNeurons = /^(batch|layer|group|unit|rms|spectral)?normalization|^prelu$|^rescaling$/;

/** @returns the reason where it has no neurons */
export function placeVariable(variable: Variable, configs: LayerConfigs): KerasPlace | string {
  const { dataset, siblings, path } = variable;
  const { shape } = dataset;
  const found = classOf(variable, configs);
  const key = canonical(found?.className);
  const recurrent = recurrentPlace(variable);
  const name = recurrent?.variable ?? variableName(variable.key, key);
  const attention = attentionPlace(path, shape, variable.key);
  const kind = found?.className ?? recurrent?.kind ?? attention?.kind ?? "layer";
  if (name === "bias" || isBiasOf(siblings.get("0"), shape, variable.key)) return "a bias";
  // It keeps its layer's kernel once more, and a vector; the layer itself lies below it.
  if (found === undefined && /^spectral_normalization(_\d+)?$/.test(path.at(-1) ?? "")) {
    return `"${name}" of SpectralNormalization isn't a kernel`;
  }
  if (key !== undefined && noNeurons.test(key)) return `"${name}" of ${kind} isn't a kernel`;
  const place = (layout: Layout, more: Partial<KerasPlace> = {}): KerasPlace => ({
    kind,
    variable: name,
    layout,
    config: found?.config,
    ...more,
  });
  if (recurrent) return place(last, { gates: recurrent.gates, variable: recurrent.variable });
  if (name === "embeddings" || /^token_embedding|^position_embeddings?$/.test(name)) {
    return place("neurons-first", { role: "embedding", kind: found?.className ?? "Embedding" });
  }
  if (name === "depthwise_kernel" || key?.startsWith("depthwiseconv")) return place("depthwise");
  if (name === "pointwise_kernel") return place(last);
  if (key !== undefined && /^conv.*transpose$/.test(key)) return place(beforeLast);
  if (attention) return place(attention.layout, { role: attention.role, variable: attention.variable });
  if (key === "einsumdense") {
    const layout = einsumLayout(found?.config.equation, shape);
    if (layout) return place(layout);
  }
  if (key !== undefined && /^(dense|conv\d?d?|convolution\d?d?)$|^conv(lution)?[123]d$/.test(key)) return place(last);
  if (name !== "kernel" && found && key !== undefined && variable.key === name && !/^\d+$/.test(name)) {
    return `"${name}" of ${kind} isn't a kernel`;
  }
  if (isTable(name, path, shape) && found === undefined && !hasBias(siblings)) {
    return place("neurons-first", { role: "embedding", kind: "Embedding", note: "a table of vectors by its name" });
  }
  return placeByBias(place, shape, siblings, variable.key);
}

/** What transformers calls the tables that a model shares with its head (`tf_model.h5`): "word_embeddings/weight", "wte/weight", "shared/weight". */
const isTable = (name: string, path: readonly string[], shape: Shape): boolean =>
  shape.length === 2 &&
  !/kernel$/.test(name) &&
  /embed|^w[tp]e$|^shared$|vocab|token/i.test(path.at(-1) ?? "") &&
  !/head|proj|dense|linear|mlp|mix|classif|logit|output|predict/i.test(path.at(-1) ?? "");

/** Under whatever name; a table has none. Numbered variables have it second. */
const hasBias = (siblings: Variable["siblings"]): boolean =>
  ["bias", "biases", "b", "1"].some((key) => siblings.has(key));

/** Registered classes have their package before them: "my_package>Dense". */
const canonical = (className: string | undefined) =>
  className
    ?.replace(/^.*[>.]/, "")
    .toLowerCase()
    .replace(/_/g, "");

/** A name that Keras gave by itself tells the class: "conv2d_transpose_3". */
const automatic =
  /^(dense|einsum_dense|embedding|conv[123]d(_transpose)?|depthwise_conv[12]d|separable_conv[12]d|batch_normalization|layer_normalization|group_normalization|unit_normalization|p_re_lu)$/;

function classOf({ path, layerName }: Variable, configs: LayerConfigs) {
  const known = layerName === undefined ? undefined : configs.get(layerName);
  if (known) return known;
  // Innermost first: the layer itself, then the wrappers around it.
  for (const name of [layerName, ...[...path].reverse()]) {
    if (name === undefined) continue;
    const configured = layerName === undefined ? configs.get(name) : undefined;
    if (configured && !isWrapper(configured.className)) return configured;
    const plain = name.replace(/_\d+$/, "");
    if (automatic.test(plain)) return { className: camelCase(plain), config: {} };
  }
  return undefined;
}

const isWrapper = (className: string) =>
  /^(Sequential|Functional|Model|TimeDistributed|Bidirectional|MultiHeadAttention|GroupedQueryAttention)$/.test(
    className,
  );

const camelCase = (name: string) =>
  name === "p_re_lu"
    ? "PReLU"
    : name.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase()).replace(/(\d)d/, "$1D");

function variableName(key: string, className: string | undefined): string {
  if (!/^\d+$/.test(key)) return key;
  const names = className === undefined ? undefined : numbered.find(([pattern]) => pattern.test(className))?.[1];
  return names?.[Number(key)] ?? key;
}

/** A kernel beside a recurrent one: [in, gates·units] and [units, gates·units], their gates side by side. */
function recurrentPlace({ key, siblings, path, dataset }: Variable) {
  const numbers = path.at(-1) === "cell" || /(lstm|gru|rnn)_cell(_\d+)?$/.test(path.at(-1) ?? "");
  const names = siblings.has("recurrent_kernel")
    ? (["kernel", "recurrent_kernel", "bias"] as const)
    : numbers
      ? (["0", "1", "2"] as const)
      : undefined;
  if (names === undefined) return undefined;
  const which = names.indexOf(key as never);
  if (which === 2) return { kind: "recurrent", variable: "bias" };
  const recurrent = siblings.get(names[1])?.shape;
  if (which < 0 || recurrent === undefined || recurrent.length < 2) return undefined;
  const units = recurrent.at(-2)!;
  const count = recurrent.at(-1)! / units;
  const gates = Object.hasOwn(gatesOf, count) ? gatesOf[count] : undefined;
  if (gates === undefined || dataset.shape.at(-1) !== units * count) return undefined;
  const kind = count === 4 ? "LSTM" : count === 3 ? "GRU" : "SimpleRNN";
  return { kind, variable: which === 0 ? "kernel" : "recurrent_kernel", gates };
}

/** Queries, keys and values are [in, heads, size], the output [heads, size, out]. */
function attentionPlace(path: readonly string[], shape: Shape, key: string) {
  if (shape.length !== 3 || (key !== "kernel" && key !== "0")) return undefined;
  const name = /^_?(query|key|value|attention_output|output)(_dense)?$/.exec(path.at(-1) ?? "")?.[1];
  if (name === undefined) return undefined;
  const output = name === "attention_output" || name === "output";
  const layout: Layout = output ? last : { neuronAxes: [-2, -1] };
  return { kind: "MultiHeadAttention", variable: "kernel", layout, role: output ? "output" : name };
}

/** Whether a numbered variable is a bias: whether it has a number for each output of the kernel before it. */
function isBiasOf(kernel: { readonly shape: Shape } | undefined, shape: Shape, key: string): boolean {
  if (key !== "1" || kernel === undefined || shape.length >= kernel.shape.length) return false;
  return shape.every((size, axis) => size === kernel.shape.at(axis - shape.length));
}

/** "abc,cd->abd": neurons are those axes of the kernel that the output has. */
function einsumLayout(equation: unknown, shape: Shape): Layout | undefined {
  const parts =
    typeof equation === "string" ? /^[^,]*,([a-zA-Z]+)->([a-zA-Z.]*)$/.exec(equation.replace(/\s/g, "")) : null;
  if (parts === null || parts[1]!.length !== shape.length) return undefined;
  const neuronAxes = [...parts[1]!].flatMap((letter, axis) => (parts[2]!.includes(letter) ? [axis] : []));
  return neuronAxes.length > 0 && neuronAxes.length < shape.length ? { neuronAxes } : undefined;
}

function placeByBias(
  place: (layout: Layout, more?: Partial<KerasPlace>) => KerasPlace,
  shape: Shape,
  siblings: Variable["siblings"],
  key: string,
): KerasPlace {
  const bias = (siblings.get("bias") ?? (key === "0" ? siblings.get("1") : undefined))?.shape;
  const note = "the last axis was taken as the neurons', as in Keras' own layers";
  if (bias === undefined) return place(last, { note });
  const trailing = shape.slice(-bias.length);
  if (bias.length < shape.length && trailing.every((size, axis) => size === bias[axis])) {
    return place(bias.length === 1 ? last : { neuronAxes: bias.map((_, axis) => axis - bias.length) });
  }
  if (bias.length === 1 && shape.length > 2 && shape.at(-1)! * shape.at(-2)! === bias[0]) return place("depthwise");
  if (bias.length === 1 && shape.at(-2) === bias[0]) return place(beforeLast);
  return place(last, { note });
}
