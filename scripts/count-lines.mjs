// Lines of the repository by area: sources, tests, documents, examples, results. `npm run lines -- [COMMIT…]`: of each commit, by default of HEAD.
import { execFileSync } from "node:child_process";

const git = (...args) => execFileSync("git", args, { encoding: "utf8", maxBuffer: 1 << 30 });

/** The first that fits. What a program wrote (lock file, results, golden values, pictures) is apart from what people write. */
const areas = [
  ["written by programs", (path) => /(^|\/)(package-lock\.json|results\/|golden\/|tuning\.json)|\.svg$/.test(path)],
  ["tests", (path) => /\.test\.[mc]?[jt]sx?$|(^|\/)test\//.test(path)],
  ["documents", (path) => path.endsWith(".md")],
  ["sources of packages", (path) => path.startsWith("packages/")],
  ["examples", (path) => path.startsWith("examples/")],
  ["benchmarks", (path) => path.startsWith("benchmarks/")],
  ["site and playground", (path) => path.startsWith("docs/")],
  ["everything else", () => true],
];

function linesOf(commit) {
  const lines = Object.fromEntries(areas.map(([name]) => [name, 0]));
  // Against the empty tree; binary files have "-" in place of a number.
  for (const line of git("diff", "--numstat", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", commit).trim().split("\n")) {
    const [added, , path] = line.split("\t");
    if (added === "-") continue;
    lines[areas.find(([, holds]) => holds(path))[0]] += Number(added);
  }
  return lines;
}

const commits = process.argv.length > 2 ? process.argv.slice(2) : ["HEAD"];
const columns = Object.fromEntries(
  commits.map((commit) => [git("log", "-1", "--format=%h %cs", commit).trim(), linesOf(commit)]),
);
console.table(
  Object.fromEntries(
    areas.map(([name]) => [name, Object.fromEntries(Object.entries(columns).map(([at, lines]) => [at, lines[name]]))]),
  ),
);
