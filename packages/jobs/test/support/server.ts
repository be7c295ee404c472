/** A real nats-server on loopback, with a store of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Another one than the system's: `npm run test:newest-server` has the newest built. */
const program = process.env.COMHE_NATS_SERVER ?? "nats-server";

/** Why engine tests can't run here; `undefined` where they can. */
export function noServer(): string | undefined {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "no nats-server here: install Debian's nats-server, or put one into the PATH";
  }
}

/** A server that can be killed and started again. */
export interface TestServer {
  readonly address: string;
  readonly port: number;
  /** Folder of what it keeps. */
  readonly store: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Takes its store away, too. */
  lose(): void;
  close(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @param config more lines of its configuration */
export async function startServer(config = "", port?: number): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "comhe-nats-"));
  port ??= await freePort();
  const file = join(folder, "server.conf");
  const store = join(folder, "store");
  writeFileSync(
    file,
    `listen: "127.0.0.1:${port}"\n${config.includes("jetstream") ? "" : `jetstream { store_dir: "${store}" }\n`}${config}\n`,
  );
  let child: ChildProcess | undefined;
  const server: TestServer = {
    ...{ address: `nats://127.0.0.1:${port}`, port, store },
    async start() {
      const started = spawn(program, ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
      child = started;
      await new Promise<void>((resolve, reject) => {
        let log = "";
        started.stderr!.on("data", (data: Buffer) => {
          log += data.toString();
          if (log.includes("Server is ready")) resolve();
        });
        started.on("exit", (code) => reject(new Error(`nats-server ended with ${code}: ${log}`)));
      });
    },
    async kill() {
      const running = child;
      child = undefined;
      if (running === undefined || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.on("exit", resolve));
      running.kill("SIGKILL");
      await ended;
    },
    lose: () => rmSync(store, { recursive: true, force: true }),
    async close() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
