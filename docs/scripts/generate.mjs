/**
 * Puts beside the written pages what other files hold: the READMEs of packages and examples as `packages/<name>.md` and
 * `examples/<name>.md`, the API reference (`api-reference.mjs`) as `api/`, the built page that audits in the browser as `public/audit/`, the
 * playground's pages as `public/playground/`, the run on a visitor's GPU as `public/gpu/` (`gpu-page.mjs`), the map of packages, the study's picture, and what changed
 * from version to version as `changes.md`. All of it is ignored by git.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeApiReference } from "./api-reference.mjs";
import { writeChanges } from "./changes.mjs";
import { writeGpuPage } from "./gpu-page.mjs";
import { writePackageMap } from "./package-map.mjs";
import { packagesInOrder } from "./packages-in-order.mjs";
import { writeStudyFigure } from "./study-figure.mjs";

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

const page = join(root, "packages/audit/page");
rmSync(join(docs, "public/audit"), { recursive: true, force: true });
cpSync(page, join(docs, "public/audit"), { recursive: true, filter: (file) => !file.endsWith(".md") });

writeGpuPage(root, join(docs, "public/gpu"));

writePackageMap(root, join(docs, ".vitepress/theme/PackageMap.vue"));
writeStudyFigure(root, join(docs, ".vitepress/theme/StudyFigure.vue"));
writeChanges(root, join(docs, "changes.md"));

const playground = join(docs, "playground/dist");
if (!existsSync(playground)) throw new Error("The playground isn't built: npm run build at the root, first.");
rmSync(join(docs, "public/playground"), { recursive: true, force: true });
cpSync(playground, join(docs, "public/playground"), { recursive: true });

rmSync(join(docs, "api"), { recursive: true, force: true });
await writeApiReference(
  root,
  packagesInOrder().map((name) => join(root, "packages", name)),
  join(docs, "api"),
);
console.info(`documented ${[...packages, ...examples].join(", ")}`);
