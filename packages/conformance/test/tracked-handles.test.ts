/** Core neither leaks handles nor uses them after they were freed, under any strategy. */
import { testBackend } from "../src/index.js";
import { trackHandles } from "./support/track-handles.js";

const { backend, handles } = trackHandles();

testBackend({
  name: "reference, handles tracked",
  create: () => backend,
  tolerance: { energy: 1e-12, gradient: 1e-10 },
  handles,
  skip: [{ what: "many rows", why: "the reference backend does the same with untracked handles" }],
});
