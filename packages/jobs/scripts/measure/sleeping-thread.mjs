/** Runs that take their time and no processor's: what is left of the time is the engine's own. */
import { referenceBackend } from "@comhe/core";
import { servePieces } from "@comhe/jobs/node";

const run = async (milliseconds) => {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return { milliseconds };
};
await servePieces({ loadBackend: async () => referenceBackend(), studies: { sleep: { code: "00000000", run } } });
