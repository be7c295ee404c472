/** Models on a server, as the command reads them: beside files, with a side file, and with what goes wrong. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { safetensorsBytes } from "../../models/test/weights-files.js";
import { comheIn } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-remote-"));
const numbers = Float32Array.from({ length: 32 * 24 }, (_, n) => Math.sin(n * n));
const model = Buffer.from(
  safetensorsBytes([{ name: "fc.weight", dtype: "F32", shape: [32, 24], bytes: new Uint8Array(numbers.buffer) }]),
);
let version = '"one"';

const server = createServer((request, response) => {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (request.url !== "/m.safetensors" || range === null) {
    response.writeHead(404).end();
    return;
  }
  const to = Math.min(Number(range[2]), model.length - 1);
  const headers = { "content-range": `bytes ${range[1]}-${to}/${model.length}`, etag: version };
  response.writeHead(206, headers).end(model.subarray(Number(range[1]), to + 1));
});
let origin = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const comhe = (...args: string[]) => comheIn(folder)("audit", ...args, "--format", "json");

test("a model on a server is audited like a file, and one that isn't there keeps it from nothing", async () => {
  const { code, stdout } = await comhe(`${origin}/m.safetensors`, `${origin}/none.safetensors`);
  expect(code).toBe(3);
  const { layers, failed } = JSON.parse(stdout) as {
    layers: { layer: string; count: number }[];
    failed: { problem: string }[];
  };
  expect(layers.map(({ layer, count }) => [layer, count])).toEqual([["fc.weight", 32]]);
  expect(failed[0]!.problem).toContain("no such file");
});

test("what a side file keeps is good for the version that was read, and no other", async () => {
  const side = join(folder, "side.jsonl");
  const lines = () => readFileSync(side, "utf8").trim().split("\n").length;
  const args = [`${origin}/m.safetensors`, "--resume", side];
  expect((await comhe(...args)).code).toBe(0);
  const once = lines();
  expect((await comhe(...args)).code).toBe(0);
  expect(lines()).toBe(once);
  version = '"two"';
  expect((await comhe(...args)).code).toBe(0);
  expect(lines()).toBe(once + 1);
});
