/** Builds the site once, for every test file. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the built site. */
    site: string;
    /** Where it is said to stand. */
    address: string;
  }
}

const address = "https://comhe.example";

export default function setup({ provide }: TestProject) {
  const site = mkdtempSync(join(tmpdir(), "comhe-site-"));
  for (const [command, ...args] of [
    ["node", "scripts/generate.mjs"],
    ["npx", "vitepress", "build", "--outDir", site],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: import.meta.dirname,
      encoding: "utf8",
      env: {
        ...process.env,
        COMHE_SITE: address,
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_REPOSITORY: "someone/comhe",
      },
    });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
  }
  provide("site", site);
  provide("address", address);
  return () => rmSync(site, { recursive: true, force: true });
}
