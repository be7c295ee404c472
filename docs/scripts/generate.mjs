/**
 * Puts beside the written pages what other files hold: the packages' READMEs as `packages/<name>.md` and the API reference
 * as `api/`. Both are ignored by git.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Application } from "typedoc";

const docs = dirname(import.meta.dirname);
const root = dirname(docs);

const packages = readdirSync(join(root, "packages")).filter((name) =>
  existsSync(join(root, "packages", name, "README.md")),
);

rmSync(join(docs, "packages"), { recursive: true, force: true });
mkdirSync(join(docs, "packages"));
for (const name of packages) {
  const readme = readFileSync(join(root, "packages", name, "README.md"), "utf8");
  // `docs/packages/x.md` is as deep as `packages/x/README.md`: only links to neighbours and own files change.
  const moved = readme.replaceAll(/\]\((?!https?:|#|\/|\.\.\/\.\.\/)(\.\.\/)?/g, (_, up) =>
    up ? "](../../packages/" : `](../../packages/${name}/`,
  );
  writeFileSync(join(docs, "packages", `${name}.md`), moved);
}

rmSync(join(docs, "api"), { recursive: true, force: true });
const app = await Application.bootstrapWithPlugins({
  name: "API",
  entryPoints: packages.filter((name) => name !== "cli").map((name) => join(root, "packages", name)),
  entryPointStrategy: "packages",
  packageOptions: {
    entryPoints: ["src/index.ts"],
    tsconfig: "tsconfig.json",
    excludePrivate: true,
    excludeInternal: true,
    skipErrorChecking: true,
    readme: "none",
  },
  plugin: ["typedoc-plugin-markdown", "typedoc-vitepress-theme"],
  out: join(docs, "api"),
  docsRoot: docs,
  readme: "none",
  hideBreadcrumbs: true,
  disableSources: true,
  logLevel: "Warn",
});
const project = await app.convert();
if (!project) throw new Error("typedoc found nothing to document");
await app.generateOutputs(project);
console.info(`documented ${packages.join(", ")}`);
