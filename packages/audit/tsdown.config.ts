import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { defineConfig } from "tsdown";
import { library } from "../../tsdown.base.js";
import { script } from "./src/page/html.js";
import { style } from "./src/page/style.js";

/** The page that audits in the browser, with all that it needs: a folder for any static server. */
const browser = "src/browser";

/** What is bundled into it asks that its notice goes with it. */
const others = [
  "@bufbuild/protobuf",
  "@cfworker/json-schema",
  "fflate",
  "fzstd",
  "hyparquet",
  "hyparquet-compressors",
  "hysnappy",
  "valibot",
];

function noticeOf(name: string): string {
  const folder = ["node_modules", "../../node_modules"]
    .map((each) => `${each}/${name}`)
    .find((each) => existsSync(each))!;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version}, ${license}\n\n${file ? readFileSync(`${folder}/${file}`, "utf8").trim() : ""}\n`;
}

function writeFiles(): void {
  writeFileSync("page/THIRD-PARTY-LICENSES.txt", others.map(noticeOf).join("\n----\n\n"));
  for (const name of ["index.html", "url.html", "README.md"]) copyFileSync(`${browser}/${name}`, `page/${name}`);
  writeFileSync("page/page.css", `${style.trimStart()}${readFileSync(`${browser}/page.css`, "utf8")}`);
  writeFileSync("page/sort-tables.js", script.trimStart());
}

export default defineConfig([
  {
    ...library,
    entry: { index: "src/index.ts", pages: "src/pages.ts", rows: "src/layer/unit-rows.ts", text: "src/text.ts" },
    format: "esm",
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
