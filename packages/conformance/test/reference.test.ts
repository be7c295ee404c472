/** The oracle passes the suite as well; being float64, its differences are taken of itself. */
import { referenceBackend } from "@comhe/core";
import { testBackend } from "../src/index.js";

testBackend({
  name: "reference",
  create: referenceBackend,
  tolerance: { energy: 1e-12, gradient: 1e-10 },
});
