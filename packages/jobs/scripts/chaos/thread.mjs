/** A worker thread whose pieces take a while, so that there is time to kill somebody over each. */
import { servePieces } from "@comhe/jobs/node";
import { nativeBackend } from "@comhe/native";

const pieceMilliseconds = Number(process.env.CHAOS_PIECE ?? 40);

await servePieces({
  async loadBackend() {
    const backend = nativeBackend({ threads: 1 });
    const statistics = async (...given) => {
      await new Promise((resolve) => setTimeout(resolve, pieceMilliseconds / 3));
      return backend.statistics(...given);
    };
    return Object.assign(Object.create(backend), { statistics });
  },
});
