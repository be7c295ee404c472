/** Who may connect, on real servers: by the environment and by files, never by what others could see; certificates are looked at. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "@nats-io/nats-core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { pieceCount, planTable } from "../src/index.js";
import { identityOf } from "../src/nats/tls.js";
import { connectTo, credentialsOf, serversOf, submit, work } from "../src/nats.js";
import { folderStore } from "../src/node.js";
import { noServer, startServer, type TestServer } from "./support/server.js";

const missing = noServer();
if (missing) console.warn(`signing in to a server: skipped, ${missing}`);
const folder = mkdtempSync(join(tmpdir(), "comhe-credentials-"));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const entry = new URL("../dist/thread-entry.js", import.meta.url);

let servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serverWith(config: string): Promise<TestServer> {
  const server = await startServer(config);
  servers.push(server);
  return server;
}

type Environment = Readonly<Record<string, string>>;
/** Connects and asks something: what came of it. */
async function attempt(address: string, env: Environment): Promise<string> {
  try {
    const connection = await connectTo(address, { env });
    await connection.flush();
    await connection.close();
    return "connected";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("an address", () => {
  it("has no name and no password in it, which others can list", () => {
    expect(serversOf("nats://a, tls://b:1")).toEqual(["nats://a:4222", "tls://b:1"]);
    for (const wrong of ["nats://user:secret@a", "nats://token@a"]) {
      expect(() => serversOf(wrong)).toThrow(/COMHE_NATS_PASSWORD_FILE/);
      expect(() => serversOf(wrong)).not.toThrow(/secret|token@/);
    }
    expect(() => serversOf("http://user:secret@a")).toThrow("//…@a");
  });
});

describe("credentials", () => {
  it("are of one kind, and whole", () => {
    expect(() => credentialsOf({ COMHE_NATS_USER: "a", COMHE_NATS_TOKEN: "b" })).toThrow(
      /expected one way to sign in to the server, got COMHE_NATS_USER, COMHE_NATS_TOKEN/,
    );
    expect(() => credentialsOf({ COMHE_NATS_PASSWORD: "a" })).toThrow(
      /COMHE_NATS_PASSWORD is set, and COMHE_NATS_USER isn't/,
    );
    expect(() => credentialsOf({ COMHE_NATS_TOKEN_FILE: join(folder, "none") })).toThrow(/TOKEN_FILE: .*can't be read/);
  });
});

describe.skipIf(missing !== undefined)("a server with", () => {
  it("users takes the right password, by file or by variable, and keeps it out of what is written", async () => {
    const secret = "correct-horse-battery";
    const server = await serverWith(`authorization { user: "worker", password: "${secret}" }`);
    const env = { COMHE_NATS_USER: "worker", COMHE_NATS_PASSWORD_FILE: file("password", `${secret}\n`) };
    expect(await attempt(server.address, env)).toBe("connected");
    expect(await attempt(server.address, { COMHE_NATS_USER: "worker", COMHE_NATS_PASSWORD: secret })).toBe("connected");
    for (const wrong of [{}, { COMHE_NATS_USER: "worker", COMHE_NATS_PASSWORD: "hunter2" }] as Environment[]) {
      const said = await attempt(server.address, wrong);
      expect(said).toMatch(/no connection \(.*Authorization/i);
      expect(said).not.toMatch(/hunter2|correct/);
    }
    // A whole plan: its results, and all that it leaves on the server, say nothing of who signed in how.
    const plan = planTable({ space: "half" }, { seed: 5, count: 200, dim: 8 }, { block: 50 });
    const controller = new AbortController();
    const [owner, helper] = [await connectTo(server.address, { env }), await connectTo(server.address, { env })];
    const working = work(helper, { entry, threads: 1, backend: "reference", signal: controller.signal });
    const results = join(folder, "results");
    const found: string[] = [];
    const outcome = await submit(owner, plan, {
      store: await folderStore(results),
      onProgress: () => found.push(...holding(server.store, secret)),
    });
    expect(outcome.done).toBe(pieceCount(plan));
    controller.abort();
    await working;
    await owner.close();
    await helper.close();
    expect(found).toEqual([]);
    expect(filesIn(results).length).toBe(pieceCount(plan));
    expect(holding(results, secret)).toEqual([]);
  });

  it("a token, or an NKey, takes that and no other", async () => {
    const [token, seeds] = ["t0ken-of-many", [nkeys.createUser(), nkeys.createUser()] as const];
    const byToken = await serverWith(`authorization { token: "${token}" }`);
    expect(await attempt(byToken.address, { COMHE_NATS_TOKEN_FILE: file("token", `${token}\n`) })).toBe("connected");
    expect(await attempt(byToken.address, { COMHE_NATS_TOKEN: token })).toBe("connected");
    expect(await attempt(byToken.address, { COMHE_NATS_TOKEN: "other" })).toMatch(/Authorization/i);
    const byKey = await serverWith(`authorization { users: [ { nkey: "${seeds[0].getPublicKey()}" } ] }`);
    const key = (n: 0 | 1) => ({ COMHE_NATS_NKEY_FILE: file(`seed-${n}`, seeds[n].getSeed()) });
    expect(await attempt(byKey.address, key(0))).toBe("connected");
    expect(await attempt(byKey.address, key(1))).toMatch(/Authorization/i);
  });

  it("an operator takes a user's JWT with its seed", async () => {
    const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
    const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
    const jwt = {
      operator: token(operator, operator.getPublicKey(), "operator", {}),
      account: token(operator, account.getPublicKey(), "account", { limits }),
      user: token(account, user.getPublicKey(), "user", { subs: -1, data: -1, payload: -1 }),
    };
    // Without JetStream, which would need accounts of its own here.
    const server = await serverWith(
      `jetstream: disabled\noperator: ${jwt.operator}\nresolver: MEMORY\nresolver_preload: { ${account.getPublicKey()}: ${jwt.account} }`,
    );
    const seed = new TextDecoder().decode(user.getSeed());
    const creds = `-----BEGIN NATS USER JWT-----\n${jwt.user}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    expect(await attempt(server.address, { COMHE_NATS_CREDS_FILE: file("creds", creds) })).toBe("connected");
    const stranger = new TextDecoder().decode(nkeys.createUser().getSeed());
    const forged = file("forged", creds.replace(seed, stranger));
    expect(await attempt(server.address, { COMHE_NATS_CREDS_FILE: forged })).toMatch(/Authorization/i);
  });

  it("TLS is believed by the authority that is named, and by no other; clients show theirs where they must", async () => {
    const [ours, theirs] = [authority("ours"), authority("theirs")];
    const [server, client, other] = [ours("server"), ours("client"), theirs("client")];
    const started = await serverWith(
      `tls { cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${server.ca}", verify: true }`,
    );
    const address = started.address.replace("nats:", "tls:");
    const as = ({ cert, key }: typeof client, ca: string): Environment => ({
      COMHE_NATS_CA_FILE: ca,
      COMHE_NATS_CERT_FILE: cert,
      COMHE_NATS_KEY_FILE: key,
    });
    expect(await attempt(address, as(client, client.ca))).toBe("connected");
    for (const env of [as(client, other.ca), {}]) {
      expect(await attempt(address, env)).toMatch(
        /certificate.*: the server's certificate isn't one to trust; COMHE_NATS_CA_FILE names the authority/,
      );
    }
    // The right server, but nothing to show that it knows.
    expect(await attempt(address, as(other, client.ca))).toMatch(/no connection/);
    // Somebody between: its certificate is of another name.
    expect(await attempt(address.replace("127.0.0.1", "localhost"), as(client, client.ca))).toMatch(
      /isn't one to trust/,
    );
  });

  it("no TLS isn't spoken to where TLS was asked for", async () => {
    const { address } = await serverWith("");
    expect(await attempt(address, {})).toBe("connected");
    expect(await attempt(address.replace("nats:", "tls:"), {})).toMatch(/server does not support 'tls'/);
    const { ca } = authority("unused")("server");
    expect(await attempt(address, { COMHE_NATS_CA_FILE: ca })).toMatch(/server does not support 'tls'/);
  });

  it("a number for a name is looked for in the certificate, and nothing else", () => {
    const certificate = (...names: string[]) => ({ subject: {}, subjectaltname: names.join(", ") }) as never;
    const check = identityOf(["10.0.0.1", "10.0.0.2"]);
    expect(check("localhost", certificate("IP Address:10.0.0.2"))).toBeUndefined();
    expect(check("", certificate("IP Address:10.0.0.2"))).toBeUndefined();
    expect(check("localhost", certificate("DNS:localhost"))).toBeInstanceOf(Error);
    expect(check("one.example", certificate("IP Address:10.0.0.2"))).toBeInstanceOf(Error);
    expect(identityOf(["localhost"])("localhost", certificate("DNS:localhost"))).toBeUndefined();
    expect(identityOf(["one.example"])("one.example", certificate("DNS:one.example"))).toBeUndefined();
  });
});

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile() ?? false);
}

/** Files that hold a text. */
function holding(path: string, text: string): string[] {
  return filesIn(path).filter((name) => {
    try {
      return readFileSync(name).includes(text);
    } catch {
      // The server has taken it away meanwhile.
      return false;
    }
  });
}

/** A JWT as NATS has them: claims of `subject`, signed by `issuer`. */
function token(issuer: ReturnType<typeof nkeys.createUser>, subject: string, type: string, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = { iat: 1_700_000_000, iss: issuer.getPublicKey(), name: type, sub: subject };
  const jti = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  const head = part({ typ: "JWT", alg: "ed25519-nkey" });
  const content = `${head}.${part({ jti, ...body, nats: { ...claims, type, version: 2 } })}`;
  return `${content}.${Buffer.from(issuer.sign(new TextEncoder().encode(content))).toString("base64url")}`;
}

/** An authority of its own; what it returns makes certificates for 127.0.0.1. */
function authority(name: string) {
  const path = (what: string) => join(folder, `${name}-${what}.pem`);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const ca = path("ca");
  openssl("req", "-x509", ...curve, "-keyout", path("ca-key"), "-out", ca, "-subj", `/CN=${name}`, "-days", "2");
  return (of: string) => {
    const [key, request, cert] = [path(`${of}-key`), path(`${of}-request`), path(of)];
    openssl("req", ...curve, "-keyout", key, "-out", request, "-subj", `/CN=${of}`);
    const names = file(`${name}-${of}.cnf`, "subjectAltName=IP:127.0.0.1\n");
    const signing = ["-CA", ca, "-CAkey", path("ca-key"), "-CAcreateserial", "-days", "2", "-extfile", names];
    openssl("x509", "-req", "-in", request, "-out", cert, ...signing);
    return { ca, cert, key };
  };
}
