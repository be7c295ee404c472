import { expect, it } from "vitest";
import { loadBackend } from "./load-backend.js";

it("says which names there are for one that there isn't", async () => {
  await expect(loadBackend("webgl")).rejects.toMatchObject({
    code: "invalid-config",
    message: 'loadBackend: expected one of "auto", "native", "wasm", "onnx", "tfjs", "reference"; got "webgl".',
  });
});
