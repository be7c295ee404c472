/** TensorFlow Lite: which operator reads a weight says where its neurons are. */
import type { Format } from "../../format.js";
import { startsWith } from "../starts-with.js";

export const tflite: Format = {
  name: "tflite",
  extensions: ["tflite"],
  detect: (start) => startsWith(start, "TFL3", 4),
  read: async (source) => (await import("./read-tflite.js")).readTflite(source),
};
