/** Models on servers: one on loopback that does everything right, and everything wrong. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnergyError } from "@comhe/core/layouts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openModel, type RemoteOptions } from "../src/index.js";
import { draws } from "./support/stored-numbers.js";

/** A safetensors file of these matrices. */
function safetensors(matrices: Readonly<Record<string, readonly [rows: number, columns: number]>>, fill = 1): Buffer {
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(matrices)) {
    const bytes = shape[0] * shape[1] * 4;
    header[name] = { dtype: "F32", shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const numbers = Float32Array.from(draws(fill, at / 4, 1000));
  return Buffer.concat([length, json, Buffer.from(numbers.buffer)]);
}

const model = safetensors({ "a.weight": [200, 300], "b.weight": [100, 400] });

interface Asked {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}
const asked: Asked[] = [];
let sent = 0;

type Behaviour = (request: IncomingMessage, response: ServerResponse, times: number) => void;

/** The stretch that is asked for, as a sound server sends it. */
function part(
  file: Buffer,
  { headers }: IncomingMessage,
  response: ServerResponse,
  more: Record<string, string> = {},
): void {
  const match = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "");
  if (!match) {
    response.writeHead(200, { "content-length": file.length }).end(file);
    return;
  }
  const from = Number(match[1]);
  const to = Math.min(Number(match[2]), file.length - 1);
  const body = file.subarray(from, to + 1);
  sent += body.length;
  response
    .writeHead(206, {
      "content-range": `bytes ${from}-${to}/${file.length}`,
      "content-length": body.length,
      etag: '"one"',
      ...more,
    })
    .end(body);
}

/** Every way in which a server may behave, by the folder that is asked for. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  sound: (request, response) => part(model, request, response),
  "busy-twice": (request, response, times) =>
    times % 3 < 2
      ? response.writeHead(times % 3 ? 429 : 503, { "retry-after": "0" }).end()
      : part(model, request, response),
  "busy-for-ever": (_, response) => response.writeHead(503).end(),
  "breaks-off": (request, response, times) => {
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!;
    const from = Number(match[1]);
    const to = Math.min(Number(match[2]), model.length - 1);
    if (to - from < 100_000 || times % 2) return part(model, request, response);
    response.writeHead(206, {
      "content-range": `bytes ${from}-${to}/${model.length}`,
      "content-length": to + 1 - from,
      etag: '"one"',
    });
    response.write(model.subarray(from, from + 70_000), () => response.destroy());
  },
  "one-byte-each": (request, response) => {
    const [from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.slice(1).map(Number) as [number, number];
    if (from === 0) return part(model, request, response);
    const headers = { "content-range": `bytes ${from}-${to}/${model.length}`, etag: '"one"' };
    response.writeHead(206, headers);
    response.write(model.subarray(from, from + 1), () => response.destroy());
  },
  "falls-silent": (request, response, times) => (times === 0 ? part(model, request, response) : undefined),
  "no-ranges": (_, response) => response.writeHead(200, { "content-length": model.length }).end(model),
  "no-ranges-nor-length": (_, response) => {
    response.writeHead(200);
    response.write(model);
    response.end();
  },
  "no-ranges-without-end": (_, response) => {
    const more = () => response.destroyed || response.write(Buffer.alloc(1 << 16), () => setImmediate(more));
    response.writeHead(200);
    more();
  },
  "other-start": (request, response) =>
    part(model, request, response, { "content-range": `bytes 5-100/${model.length}` }),
  "other-start-later": (request, response, times) =>
    part(model, request, response, times ? { "content-range": `bytes 5-100/${model.length}` } : {}),
  "unknown-size": (request, response) => part(model, request, response, { "content-range": "bytes 0-65535/*" }),
  "no-content-range": (_, response) => response.writeHead(206).end(model.subarray(0, 65_536)),
  "more-than-asked": (_request, response) => {
    response.writeHead(206, { "content-range": `bytes 0-65535/${model.length}`, etag: '"one"' });
    response.end(Buffer.concat([model.subarray(0, 65_536), Buffer.alloc(100)]));
  },
  "other-etag": (request, response, times) => part(model, request, response, { etag: `"${times}"` }),
  "no-etag-later": (request, response, times) => {
    if (times === 0) return part(model, request, response);
    const [from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.slice(1).map(Number) as [number, number];
    response
      .writeHead(206, { "content-range": `bytes ${from}-${to}/${model.length}` })
      .end(model.subarray(from, to + 1));
  },
  "other-size": (request, response, times) => part(times ? Buffer.concat([model, model]) : model, request, response),
  "whole-later": (request, response, times) =>
    times ? response.writeHead(200, { "content-length": model.length }).end(model) : part(model, request, response),
  gone: (request, response, times) => (times ? response.writeHead(404).end() : part(model, request, response)),
  compressed: (request, response) => part(model, request, response, { "content-encoding": "gzip" }),
  empty: (_, response) => response.writeHead(416, { "content-range": "bytes */0" }).end(),
  missing: (_, response) => response.writeHead(404).end("<!DOCTYPE html>"),
  private: (request, response) =>
    request.headers.authorization === "Bearer secret" ? part(model, request, response) : response.writeHead(401).end(),
  page: (_, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<!DOCTYPE html><html><body>Sign in</body></html>"),
  moved: (_, response) => response.writeHead(302, { location: "/sound/m.safetensors" }).end(),
  "moved-to-another-host": (_, response) => response.writeHead(307, { location: `${other}/sound/m.safetensors` }).end(),
  "moved-in-circles": (_, response) => response.writeHead(302, { location: "/moved-in-circles/m.safetensors" }).end(),
  "moved-to-a-file": (_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "moved-to-nowhere": (_, response) => response.writeHead(302, { location: "http://[" }).end(),
  "signed-for-once": (_, response, times) =>
    response.writeHead(302, { location: `/signed/${times}/m.safetensors` }).end(),
  signed: (request, response, times) => (times % 2 ? response.writeHead(403).end() : part(model, request, response)),
};

const counts = new Map<string, number>();

function handle(request: IncomingMessage, response: ServerResponse): void {
  const path = decodeURIComponent(request.url!.split("?")[0]!);
  asked.push({ path, range: request.headers.range, authorization: request.headers.authorization });
  const folder = path.split("/")[1]!;
  const times = counts.get(folder) ?? 0;
  counts.set(folder, times + 1);
  const file = repository[path];
  if (file !== undefined) part(Buffer.from(file), request, response);
  else if (path.endsWith("/m.safetensors") && Object.hasOwn(behaviours, folder))
    behaviours[folder]!(request, response, times);
  else response.writeHead(404).end();
}

const commit = "0123456789abcdef0123456789abcdef01234567";
/** A hub with one model in shards. */
const repository: Record<string, string | Buffer> = {
  "/api/models/org/name/revision/main": JSON.stringify({
    sha: commit,
    siblings: [
      "README.md",
      "config.json",
      "model.safetensors.index.json",
      "model-00001-of-00002.safetensors",
      "model-00002-of-00002.safetensors",
      "onnx/model.onnx",
    ].map((rfilename) => ({ rfilename })),
  }),
  [`/org/name/resolve/${commit}/config.json`]: "{}",
  [`/org/name/resolve/${commit}/model.safetensors.index.json`]: JSON.stringify({
    weight_map: { "a.weight": "model-00001-of-00002.safetensors", "b.weight": "model-00002-of-00002.safetensors" },
  }),
  [`/org/name/resolve/${commit}/model-00001-of-00002.safetensors`]: safetensors({ "a.weight": [20, 30] }),
  [`/org/name/resolve/${commit}/model-00002-of-00002.safetensors`]: safetensors({ "b.weight": [40, 50] }),
  "/org/name/resolve/v2/model.safetensors": safetensors({ "c.weight": [7, 8] }),
};

const servers: Server[] = [];
let origin = "";
let other = "";

async function listen(): Promise<string> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  origin = await listen();
  other = await listen();
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});
afterEach(() => {
  asked.length = 0;
  sent = 0;
  counts.clear();
});

const quick: RemoteOptions = { pause: 1, patience: 2000 };

async function read(folder: string, remote: RemoteOptions = quick): Promise<Record<string, number[]>> {
  const opened = await openModel(`${origin}/${folder}/m.safetensors`, { remote });
  try {
    const layers: Record<string, number[]> = {};
    for (const layer of opened.layers) layers[layer.name] = Array.from(await layer.read());
    return layers;
  } finally {
    await opened.close();
  }
}

async function refusal(folder: string, remote: RemoteOptions = quick): Promise<string> {
  const error = await read(folder, remote).catch((failure: unknown) => failure);
  expect(EnergyError.isInstance(error), String(error)).toBe(true);
  return (error as EnergyError).message;
}

const expected = {
  "a.weight": draws(1, 100_000, 1000).slice(0, 60_000),
  "b.weight": draws(1, 100_000, 1000).slice(60_000),
};

describe("a server", () => {
  it.each([
    "sound",
    "busy-twice",
    "breaks-off",
    "no-ranges",
    "no-ranges-nor-length",
    "moved",
    "moved-to-another-host",
    "signed-for-once",
  ])("%s: the numbers come", async (folder) => {
    expect(await read(folder)).toEqual(expected);
  });

  it.each([
    ["busy-for-ever", /can't be had \(its server answers 503; tried 5 times\)/],
    ["one-byte-each", /can't be had/],
    ["other-start", /answers for bytes 5 to 100/],
    ["other-start-later", /answers for bytes 5 to 100/],
    ["unknown-size", /makes no sense/],
    ["no-content-range", /makes no sense/],
    ["more-than-asked", /more than the 65536 bytes/],
    ["other-etag", /changed while it was read/],
    ["no-etag-later", /changed while it was read/],
    ["other-size", /changed while it was read/],
    ["whole-later", /changed while it was read/],
    ["gone", /changed while it was read/],
    ["compressed", /compresses what it sends/],
    ["empty", /the file is empty/],
    ["missing", /no such file/],
    ["private", /answers 401.*HF_TOKEN/],
    ["page", /web page|doesn't begin as/i],
    ["moved-in-circles", /redirected more than 10 times/],
    ["moved-to-a-file", /redirects from http: to file:/],
    ["moved-to-nowhere", /what is no address/],
  ])("%s: refused, and why", async (folder, message) => {
    const text = await refusal(folder);
    expect(text).toMatch(message);
    expect(text).toContain(`${origin}/${folder}/m.safetensors`);
  });

  it("that gives no ranges is read whole up to a size, and no further", async () => {
    expect(await refusal("no-ranges", { ...quick, largestWhole: 1000 })).toMatch(
      /gives no parts of files, and it is \d+ bytes/,
    );
    expect(await refusal("no-ranges-without-end", { ...quick, largestWhole: 1 << 20 })).toMatch(
      /more than 1048576 bytes/,
    );
  });

  it("that falls silent isn't waited for", async () => {
    expect(await refusal("falls-silent", { pause: 1, patience: 50, tries: 2 })).toMatch(
      /nothing came for 50 ms; tried 2 times/,
    );
  });

  it("that isn't there", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const error = await openModel(`http://127.0.0.1:${port}/m.onnx`, { remote: { pause: 1, tries: 1 } }).catch(
      (failure) => failure,
    );
    expect(error.message).toMatch(/can't be had \(ECONNREFUSED; tried 1 time\)/);
    expect(error.message).toMatch(/download it elsewhere/);
  });

  it.each([
    ["http://example.org/m.onnx", /expected https/],
    ["https://user:pass@example.org/m.onnx", /password/],
    ["hf:name", /expected hf:org\/model/],
  ])("%s isn't asked", async (address, message) => {
    const error = await openModel(address).catch((failure: unknown) => failure);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("pass@");
  });
});

describe("a token", () => {
  it("goes to its own host alone, and isn't told", async () => {
    expect(await read("private", { ...quick, token: "secret" })).toEqual(expected);
    await read("moved-to-another-host", { ...quick, token: "secret" });
    const elsewhere = asked.filter(({ path }) => path.startsWith("/sound"));
    expect(elsewhere.length).toBeGreaterThan(0);
    expect(elsewhere.map(({ authorization }) => authorization)).toEqual(elsewhere.map(() => undefined));
    expect(asked.some(({ authorization }) => authorization === "Bearer secret")).toBe(true);
    expect(await refusal("private", { ...quick, token: "other-secret" })).not.toContain("other-secret");
  });

  it("of the environment goes to the hub alone", async () => {
    process.env.HF_TOKEN = "secret";
    try {
      expect(await read("private", { ...quick, hub: origin })).toEqual(expected);
      expect(await refusal("private", { ...quick, hub: other })).toMatch(/401/);
    } finally {
      delete process.env.HF_TOKEN;
    }
  });
});

describe("the hub", () => {
  it("gives a model by its name: all shards of one commit", async () => {
    const opened = await openModel("hf:org/name", { remote: { ...quick, hub: origin } });
    expect(opened.layers.map(({ name, shape }) => [name, shape])).toEqual([
      ["a.weight", [20, 30]],
      ["b.weight", [40, 50]],
    ]);
    await opened.close();
    const files = asked.filter(({ path }) => path.includes("/resolve/"));
    expect(files.every(({ path }) => path.includes(commit))).toBe(true);
  });

  it("gives a file of a revision, also by the address of its page", async () => {
    for (const address of ["hf:org/name@v2/model.safetensors", `${origin}/org/name/blob/v2/model.safetensors`]) {
      const opened = await openModel(address, { remote: { ...quick, hub: origin } });
      expect(opened.layers.map(({ name }) => name)).toEqual(["c.weight"]);
      await opened.close();
    }
  });

  it("says what it doesn't have", async () => {
    const remote = { ...quick, hub: origin };
    await expect(openModel("hf:org/none", { remote })).rejects.toThrow(/knows no such model/);
    await expect(openModel("hf:org/name@v2/none.onnx", { remote })).rejects.toThrow(/no such file/);
  });
});

it("of two gigabytes, the first layer costs its own bytes, within a second", async () => {
  const rows = 16_384;
  const layers = Object.fromEntries(
    Array.from({ length: 32 }, (_, n) => [`l${n}.weight`, n === 0 ? [256, 1024] : [rows, 1024]]),
  );
  let at = 0;
  const header = Buffer.from(
    JSON.stringify(
      Object.fromEntries(
        Object.entries(layers).map(([name, shape]) => {
          const bytes = shape[0]! * shape[1]! * 4;
          at += bytes;
          return [name, { dtype: "F32", shape, data_offsets: [at - bytes, at] }];
        }),
      ),
    ),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const head = Buffer.concat([length, header]);
  const size = head.length + at;
  let bytes = 0;
  const server = createServer((request, response) => {
    if (request.url !== "/large.safetensors") {
      response.writeHead(404).end();
      return;
    }
    const [from, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.slice(1).map(Number) as [number, number];
    const to = Math.min(last, size - 1);
    const body = Buffer.alloc(to + 1 - from, 63);
    if (from < head.length) head.copy(body, 0, from);
    bytes += body.length;
    response.writeHead(206, { "content-range": `bytes ${from}-${to}/${size}`, etag: '"x"' }).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/large.safetensors`;
  const begin = performance.now();
  const opened = await openModel(address);
  const data = await opened.layers[0]!.read();
  const took = performance.now() - begin;
  await opened.close();
  expect(size).toBeGreaterThan(2e9);
  expect(data.length).toBe(256 * 1024);
  expect(bytes).toBeLessThan(256 * 1024 * 4 + 2 * 65_536);
  // On a quiet machine it takes some 50 ms; others may be busy.
  expect(took).toBeLessThan(5000);
});

describe("the cache", () => {
  const folder = mkdtempSync(join(tmpdir(), "comhe-cache-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const files = () =>
    readdirSync(folder, { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((path) => statSync(path).isFile());

  it("spares the second time, and begins anew for another version", async () => {
    const cache = { folder, mostBytes: 1e9 };
    expect(await read("sound", { ...quick, cache })).toEqual(expected);
    const first = sent;
    sent = 0;
    expect(await read("sound", { ...quick, cache })).toEqual(expected);
    expect(first).toBeGreaterThan(400_000);
    expect(sent).toBe(65_536);
    expect(files().length).toBe(1);
    expect(readFileSync(files()[0]!).equals(model)).toBe(true);
    // Cut short by somebody: read again.
    const { truncateSync } = await import("node:fs");
    truncateSync(files()[0]!, 1000);
    expect(await read("sound", { ...quick, cache })).toEqual(expected);
  });

  it("holds no more than it may", async () => {
    const small = { folder: join(folder, "small"), mostBytes: 2.5 * 2 ** 20 };
    const large = safetensors({ w: [1024, 1536] });
    repository["/org/large/m.safetensors"] = large;
    const opened = await openModel(`${origin}/org/large/m.safetensors`, { remote: { ...quick, cache: small } });
    const data = await opened.layers[0]!.read();
    expect(Array.from(data)).toEqual(draws(1, 1024 * 1536, 1000));
    await opened.close();
    const total = files()
      .filter((path) => path.includes("small"))
      .reduce((sum, path) => sum + statSync(path).size, 0);
    expect(total).toBeLessThanOrEqual(small.mostBytes);
    expect(total).toBeGreaterThan(2 ** 20);
  });

  it("isn't needed: where it can't be written, reading goes on", async () => {
    expect(await read("sound", { ...quick, cache: { folder: join(files()[0]!, "none"), mostBytes: 1e9 } })).toEqual(
      expected,
    );
  });
});
