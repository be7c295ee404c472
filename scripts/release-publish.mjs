// Publishes each package whose version the registry doesn't have. npm's provenance ties a tarball to the repository that built
// it, and refuses a package.json which doesn't name that repository: it is written in here, from what the workflow says, so that
// a fork releases under its own name. Outside of a workflow nothing is written in.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
const packages = join(process.cwd(), "packages");

if (server && repository) {
  for (const folder of readdirSync(packages)) {
    const path = join(packages, folder, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    manifest.repository = { type: "git", url: `git+${server}/${repository}.git`, directory: `packages/${folder}` };
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}
// The binaries of @comhe/native, before the package that then names them.
const platforms = spawnSync("node", [join(packages, "native/scripts/publish-platforms.mjs")], { stdio: "inherit" });
if (platforms.status !== 0) process.exit(platforms.status ?? 1);
// `changeset publish` prints the tags it makes, which the release's action reads.
const { status } = spawnSync("npx", ["changeset", "publish"], { stdio: "inherit" });
process.exit(status ?? 1);
