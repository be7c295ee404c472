/** Every `npm run … --workspace=…` in the prose, the workflows and the scripts' own words: what it names is there, and is one workspace. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim().split("\n");

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Workspaces by their folders, with whatever lies in them. */
const workspaces = git("ls-files", "*/package.json")
  .filter((path) => !path.includes("/test/") || path.startsWith("test/"))
  .map((path) => ({
    folder: path.replace("/package.json", ""),
    manifest: JSON.parse(readFileSync(new URL(path, root), "utf8")) as Manifest,
  }))
  .filter(({ manifest }) => manifest.name !== undefined);

/** npm takes a name, or a folder with every workspace below it: a script that one of those lacks fails the command. */
function selectedBy(named: string): readonly Manifest[] {
  return workspaces
    .filter(({ folder, manifest }) => manifest.name === named || folder === named || folder.startsWith(`${named}/`))
    .map(({ manifest }) => manifest);
}

const files = git("ls-files", "*.md", "*.yml", "*.ts", "*.mjs").filter((path) => !/CHANGELOG|\.changeset/.test(path));
const commands = new Set(
  files.flatMap((path) =>
    [
      ...readFileSync(new URL(path, root), "utf8").matchAll(
        /npm (?:run )?([a-z][a-z:-]*) (?:--workspace[= ]|-w )([@\w/-]+)/g,
      ),
    ].map(([, script, named]) => `${script} ${named}`),
  ),
);

it("finds the commands", () => {
  expect(commands).toContain("site @comhe/docs");
  expect(commands.size).toBeGreaterThan(15);
});

it.each([...commands].sort())("npm run %s", (command) => {
  const [script, named] = command.split(" ") as [string, string];
  const selected = selectedBy(named);
  expect(selected.map(({ name }) => name)).toHaveLength(1);
  expect(Object.keys(selected[0]?.scripts ?? {})).toContain(script);
});

it("the nightly workflow runs every set that npm test leaves out", async () => {
  const workflow = readFileSync(new URL(".github/workflows/nightly.yml", root), "utf8");
  const { nightlySets } = await import(new URL("scripts/nightly-sets.mjs", root).href);
  const [, listed = ""] = /set: \[(.*)\]/.exec(workflow) ?? [];
  expect(listed.split(", ").sort()).toEqual(Object.keys(nightlySets).sort());
});
