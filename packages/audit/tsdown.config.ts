import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { defineConfig } from "tsdown";
import { script } from "./src/page/html.js";
import { style } from "./src/page/style.js";

/** The page that audits in the browser, with all that it needs: a folder for any static server. */
const browser = "src/browser";

function writeFiles(): void {
  for (const name of ["index.html", "url.html", "README.md"]) copyFileSync(`${browser}/${name}`, `page/${name}`);
  writeFileSync("page/page.css", `${style.trimStart()}${readFileSync(`${browser}/page.css`, "utf8")}`);
  writeFileSync("page/sort-tables.js", script.trimStart());
}

export default defineConfig([
  {
    entry: { index: "src/index.ts", pages: "src/pages.ts", rows: "src/layer/unit-rows.ts", text: "src/text.ts" },
    format: "esm",
    platform: "neutral",
    target: "es2022",
    fixedExtension: false,
    dts: true,
    sourcemap: true,
  },
  {
    entry: { main: `${browser}/main.ts`, worker: `${browser}/worker.ts` },
    outDir: "page",
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    dts: false,
    deps: { alwaysBundle: () => true, onlyBundle: false, skipNodeModulesBundle: false },
    onSuccess: writeFiles,
  },
]);
