/** The memory of whoever waits for 100,000 small pieces: a process of its own, whose worker puts results without computing them. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "./server.mjs";

export async function measureSubmitter() {
  const server = await startServer();
  // Flushing 100,000 files to a disk is its time and nobody's memory.
  const root = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const folder = mkdtempSync(join(root, "comhe-submitter-"));
  const start = (role, output) => {
    const child = spawn(
      process.execPath,
      [new URL("./small-pieces.mjs", import.meta.url).pathname, role, server.address, folder],
      {
        stdio: ["ignore", output, "inherit"],
      },
    );
    return new Promise((resolve) => child.on("exit", resolve));
  };
  await Promise.all([start("submit", "inherit"), start("feed", "inherit")]);
  rmSync(folder, { recursive: true });
  server.close();
}
