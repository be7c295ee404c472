/**
 * The engine's tests on a newer nats-server than the system has: `node scripts/newest-server.mjs`. Go builds it into node_modules/.cache (half a
 * minute, and its modules are downloaded); it isn't installed for anybody else. Asked for, since it needs Go and the network.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const version = "v2.15.2";
const folder = fileURLToPath(new URL("../node_modules/.cache/nats-server", import.meta.url));

function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  if (error) console.error(`${command} can't be started (${error.message}).`);
  if (status !== 0) process.exit(1);
}

run("go", ["install", `github.com/nats-io/nats-server/v2@${version}`], { GOBIN: folder });
const env = { COMHE_NATS_SERVER: `${folder}/nats-server`, COMHE_CLUSTER: "1" };
run(env.COMHE_NATS_SERVER, ["--version"], {});
run("npx", ["vitest", "run", "test/nats.test.ts", "test/credentials.test.ts", "test/cluster.test.ts"], env);
