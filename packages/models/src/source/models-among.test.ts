import { expect, test } from "vitest";
import { chooseModelFile } from "./choose-file.js";
import { modelsAmong } from "./models-among.js";

const likely = (...paths: string[]) => modelsAmong(paths).flatMap((each) => (each.likely ? [each.path] : []));

test("of a hub's folder, one model; its copies in other formats can be asked for", () => {
  const folder = [
    "config.json",
    "tokenizer.json",
    "model.safetensors",
    "pytorch_model.bin",
    "tf_model.h5",
    "README.md",
  ];
  expect(likely(...folder.map((name) => `bert/${name}`))).toEqual(["bert/model.safetensors"]);
  expect(likely(...folder)).toEqual(["model.safetensors", "tf_model.h5"]);
  expect(modelsAmong(folder).map(({ path }) => path)).toContain("pytorch_model.bin");
});

test("shards are a model by their index, GGUF's by the first of them", () => {
  const shards = ["m/model-00001-of-00002.safetensors", "m/model-00002-of-00002.safetensors"];
  expect(likely(...shards, "m/model.safetensors.index.json")).toEqual(["m/model.safetensors.index.json"]);
  expect(likely("a-00001-of-00002.gguf", "a-00002-of-00002.gguf")).toEqual(["a-00001-of-00002.gguf"]);
});

test("a SavedModel's variables belong to it; other folders hold models of their own", () => {
  expect(
    likely(
      "nmp/saved_model.pb",
      "nmp/fingerprint.pb",
      "nmp/variables/variables.index",
      "nmp/variables/variables.data-00000-of-00001",
    ),
  ).toEqual(["nmp/saved_model.pb"]);
  expect(
    likely(
      "sd/model_index.json",
      "sd/unet/diffusion_pytorch_model.safetensors",
      "sd/vae/diffusion_pytorch_model.safetensors",
    ),
  ).toEqual(["sd/unet/diffusion_pytorch_model.safetensors", "sd/vae/diffusion_pytorch_model.safetensors"]);
});

test("a SavedModel's folder is the model, whatever TensorFlow writes beside the graph", () => {
  const names = ["fingerprint.pb", "keras_metadata.pb", "saved_model.pb"];
  expect(chooseModelFile("m", names, ["pb"])).toBe("saved_model.pb");
});

test("numbers kept beside a model are no model", () => {
  expect(likely("model.json", "group1-shard1of2.bin", "group1-shard2of2.bin")).toEqual(["model.json"]);
  expect(likely("a-weights_manifest.json", "a.bin")).toEqual(["a-weights_manifest.json"]);
  expect(likely("a.onnx", "a.onnx_data")).toEqual(["a.onnx"]);
  expect(likely("a.bin", "b.bin")).toEqual(["a.bin", "b.bin"]);
});

test("several files are several models, and what no name tells is opened", () => {
  expect(likely("a.onnx", "b.safetensors", "c.gguf")).toEqual(["a.onnx", "b.safetensors", "c.gguf"]);
  expect(likely("weights")).toEqual(["weights"]);
  expect(likely("notes.txt", "x.zip")).toEqual(["notes.txt", "x.zip"]);
});
