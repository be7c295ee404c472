/**
 * Puts beside the written pages what other files hold: the READMEs of packages and examples as `packages/<name>.md` and
 * `examples/<name>.md`, and the API reference as `api/`. All of it is ignored by git.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Application } from "typedoc";

const docs = dirname(import.meta.dirname);
const root = dirname(docs);

/** @returns the names of those workspaces under `folder` that have a README */
function copyReadmes(folder) {
  const names = readdirSync(join(root, folder)).filter((name) => existsSync(join(root, folder, name, "README.md")));
  rmSync(join(docs, folder), { recursive: true, force: true });
  mkdirSync(join(docs, folder));
  for (const name of names) {
    const readme = readFileSync(join(root, folder, name, "README.md"), "utf8");
    // `docs/packages/x.md` is as deep as `packages/x/README.md`: only links to neighbours and own files change.
    const moved = readme.replaceAll(/\]\((?!https?:|#|\/|\.\.\/\.\.\/)(\.\.\/)?/g, (_, up) =>
      up ? `](../../${folder}/` : `](../../${folder}/${name}/`,
    );
    writeFileSync(join(docs, folder, `${name}.md`), moved);
  }
  return names;
}

const packages = copyReadmes("packages");
const examples = copyReadmes("examples");

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
console.info(`documented ${[...packages, ...examples].join(", ")}`);
