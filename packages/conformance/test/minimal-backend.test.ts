/** The guide's backend passes the suite. */
// #region test
import { testBackend } from "@comhe/conformance";
import { minimalBackend } from "./minimal-backend.js";

testBackend({
  name: "minimal",
  create: minimalBackend,
  tolerance: { energy: 3e-5, gradient: 1e-4, near: 5e-3 },
  // It keeps arrays of N×N numbers.
  skip: [{ what: "4099×9", why: "half a minute in plain loops" }],
});
// #endregion
