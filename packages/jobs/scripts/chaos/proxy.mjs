/** Stands between clients and a server, and cuts their lines when it is told to. */
import { connect, createServer } from "node:net";

/** @param port of the server behind it */
export async function cuttingProxy(port) {
  const pairs = new Set();
  const server = createServer((client) => {
    const behind = connect(port, "127.0.0.1");
    const pair = { client, behind };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      behind.destroy();
    };
    for (const socket of [client, behind]) socket.on("error", end).on("close", end);
    client.pipe(behind).pipe(client);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    /** Without a word to either side. */
    cut() {
      const lines = [...pairs];
      for (const { client, behind } of lines) {
        client.destroy();
        behind.destroy();
      }
      return lines.length;
    },
    close: () => server.close(),
  };
}
