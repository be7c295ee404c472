/**
 * Names of neurons that the model's own file doesn't have, but a file beside it does: tokens of embeddings and output layers, labels of classifiers. Which
 * layer a vocabulary is of, its size says; nothing is read before somebody asks.
 */
import { neuronAxes } from "@comhe/core/layouts";
import type { ModelConfig } from "../format.js";
import type { LayerSource } from "../layer-source.js";
import type { Neighbours } from "../source/neighbours.js";
import { configLabels, jsonVocabulary, textVocabulary, tokenizerVocabulary, type Vocabulary } from "./vocabulary.js";

/** Larger files are no vocabulary. */
const largestFile = 256 * 2 ** 20;

/** Embeddings are often padded to a multiple of 64 or so; of others the size has to fit exactly. */
const mostPadding = 1024;

const tokenLayer = /embed|\bwte\b|word_emb|lm_head|tok_emb|\boutput\b|shared|vocab/i;
const labelLayer = /classif|\bhead\b|\bfc\d*\b|logits|\bscore\b|\boutput\b|predictions?|\bdense(_\d+)?\b|\bprobs?\b/i;

/** Layers whose rows have no names get those of the files beside the model, where sizes agree. */
export function withNamesBeside(
  layers: readonly LayerSource[],
  neighbours: Neighbours,
  config: () => Promise<ModelConfig | undefined>,
): readonly LayerSource[] {
  const tokens = once(() => readVocabulary(neighbours));
  const labels = once(async () => (await readLabels(neighbours)) ?? configLabels(await config()));
  const last = layers.at(-1);
  return layers.map((layer) => {
    if (layer.rowNames !== undefined || layer.shape.length > 4) return layer;
    const { count } = neuronAxes(layer.shape, layer.layout);
    if (count < 2) return layer;
    const isTokens = tokenLayer.test(layer.name) || layer.role === "embedding" || layer.role === "head";
    const isLabels = layer === last || labelLayer.test(layer.name) || layer.role === "head";
    return {
      ...layer,
      async rowNames() {
        const vocabulary = await tokens();
        if (vocabulary !== undefined && isOf(vocabulary, count, isTokens ? mostPadding : 0))
          return fill(vocabulary, count);
        const classes = isLabels ? await labels() : undefined;
        return classes?.length === count ? fill(classes, count) : undefined;
      },
    };
  });
}

/** A small vocabulary may have as many tokens as a hidden layer has neurons: only layers named like embeddings take those. */
function isOf({ length }: Vocabulary, count: number, padding: number): boolean {
  return length === count ? padding > 0 || count >= 4096 : length < count && length + padding >= count;
}

/** Rows without a name have an empty one. */
const fill = (names: Vocabulary, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => names[n] ?? "");

async function readVocabulary(neighbours: Neighbours): Promise<Vocabulary | undefined> {
  const whole = tokenizerVocabulary(await readJson(neighbours, "tokenizer.json"));
  if (whole) return whole;
  const json = await readJson(neighbours, "vocab.json");
  if (json !== undefined) {
    const byteLevel = (await neighbours.list()).includes("merges.txt");
    const names = jsonVocabulary(json, byteLevel);
    const added = jsonVocabulary(await readJson(neighbours, "added_tokens.json"), false);
    if (names) return added ? merged(names, added) : names;
  }
  const text = await readText(neighbours, "vocab.txt");
  return text === undefined ? undefined : textVocabulary(text);
}

/** The names of both; where both have one, the latter's. */
function merged(names: Vocabulary, added: Vocabulary): Vocabulary {
  const length = Math.max(names.length, added.length);
  return Array.from({ length }, (_, number) => added[number] ?? names[number]);
}

async function readLabels(neighbours: Neighbours): Promise<Vocabulary | undefined> {
  for (const name of ["labels.txt", "classes.txt"]) {
    const text = await readText(neighbours, name);
    if (text !== undefined) return textVocabulary(text);
  }
  return undefined;
}

async function readText(neighbours: Neighbours, name: string): Promise<string | undefined> {
  // Names help where they can be read; a model's weights are sound without them.
  const file = await neighbours.open(name).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    return file.size > largestFile ? undefined : new TextDecoder().decode(await file.read(0, file.size));
  } catch {
    return undefined;
  } finally {
    await file.close?.();
  }
}

async function readJson(neighbours: Neighbours, name: string): Promise<unknown> {
  const text = await readText(neighbours, name);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
