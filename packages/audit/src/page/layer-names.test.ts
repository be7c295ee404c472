import { expect, test } from "vitest";
import { fileLabels } from "./layer-names.js";

test("files are called by what tells them apart, and no more", () => {
  const paths = [
    "/m/silero_vad.onnx",
    "/m/silero_vad.jit",
    "C:\\models\\face-model\\model.json",
    "nmp/saved_model.pb",
    "a/adapter_model.bin",
    "b/adapter_model.bin",
    "age_gender_model-weights_manifest.json",
  ];
  expect(paths.map(fileLabels(paths))).toEqual([
    "silero_vad.onnx",
    "silero_vad.jit",
    "face-model",
    "nmp",
    "a/adapter_model.bin",
    "b/adapter_model.bin",
    "age_gender",
  ]);
  expect(fileLabels([])("x/y.npy")).toBe("x/y.npy");
});
