/** A worker thread of a study whose runs fail, die or take their time, as their payload says. */
import { referenceBackend } from "@comhe/core";
import { servePieces } from "../../dist/node.js";

async function run(payload) {
  if (payload === "fails") throw new Error("it always fails");
  if (payload === "dies") process.exit(3);
  if (typeof payload === "number") await new Promise((resolve) => setTimeout(resolve, payload));
  return { payload };
}

const study = { code: "00112233", run };
await servePieces({ loadBackend: async () => referenceBackend(), studies: { tries: study, slow: study } });
