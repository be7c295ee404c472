/** TensorFlow's variables: a SavedModel (`saved_model.pb`, with its `variables` beside it), or a checkpoint by its `.index`. */
import type { Format } from "../../format.js";
import { isSavedModel } from "../other-messages.js";

export const tensorBundle: Format = {
  name: "tensorflow",
  extensions: ["pb", "index"],
  // The first entry of an index has an empty key, and shares nothing with one before it.
  detect: (start, name) =>
    isSavedModel(start, name) || (/\.index([?#].*)?$/i.test(name) && start[0] === 0 && start[1] === 0),
  read: async (source, context) => (await import("./read-bundle.js")).readBundle(source, context),
};
