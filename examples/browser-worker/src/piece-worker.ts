/** The thread that computes, so that the page answers meanwhile; the line to the server is its own. */
import { connectPage, workAsGuest } from "@comhe/jobs/page";
import { backendHere } from "../../thomson-sphere/src/backend-here.js";
import type { FromThread, Start, ToThread } from "./messages.js";

const post = (message: FromThread) => postMessage(message);
const controller = new AbortController();

async function work({ server, user, password, name, forceGpu }: Start): Promise<void> {
  const { backend, words } = await backendHere(forceGpu);
  post({ kind: "backend", words });
  const connection = await connectPage(server, user === "" ? undefined : { user, password });
  post({ kind: "connected" });
  try {
    const taken = await workAsGuest(connection, {
      ...{ backend, name, backendName: `page ${backend.name}`, signal: controller.signal },
      onLog: (line) => post({ kind: "log", line }),
      onPiece: (piece) => post({ kind: "piece", ...piece }),
    });
    post({ kind: "ended", taken });
  } finally {
    await connection.close();
  }
}

addEventListener("message", ({ data }: MessageEvent<ToThread>) => {
  if (data.kind === "stop") controller.abort();
  else work(data).catch((error: unknown) => post({ kind: "failed", message: (error as Error).message }));
});
