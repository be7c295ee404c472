/** ONNX: which operator reads a weight says where its neurons are. */
import type { Format } from "../../format.js";
import { beginsAsOnnx } from "./begins-as-onnx.js";

export const onnx: Format = {
  name: "onnx",
  extensions: ["onnx"],
  detect: (start, _, size) => beginsAsOnnx(start, size),
  read: async (source, context) => (await import("./read-onnx.js")).readOnnx(source, context),
};
