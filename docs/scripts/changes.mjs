/** One page of what changed, from version to version: the packages' changelogs, and above them what waits for the next release. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @param root of the repository @param file where to write */
export function writeChanges(root, file) {
  const names = readdirSync(join(root, "packages"));
  const released = names.flatMap((name) => {
    const path = join(root, "packages", name, "CHANGELOG.md");
    return existsSync(path) ? [readFileSync(path, "utf8").replaceAll(/^#/gm, "##").trim()] : [];
  });
  const waiting = readdirSync(join(root, ".changeset"))
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .map((name) => entryOf(readFileSync(join(root, ".changeset", name), "utf8")))
    .filter(({ packages }) => packages.length > 0)
    .sort((a, b) => a.packages[0].localeCompare(b.packages[0]));
  const next = waiting.map(
    ({ packages, text }) => `- **${packages.map((name) => `@comhe/${name}`).join(", ")}**: ${text}`,
  );
  const parts = [
    "# What changed",
    "Each package has a version of its own, by semantic versioning: below 1.0 a minor version may change what you call, and says so here.",
    next.length > 0 ? `## Coming with the next release\n\n${next.join("\n")}` : "",
    ...released,
  ];
  writeFileSync(file, `${parts.filter(Boolean).join("\n\n")}\n`);
}

/** A changeset: which packages, and what is said of them. */
function entryOf(source) {
  const [, head = "", text = ""] = /^---\n([\s\S]*?)---\n([\s\S]*)$/.exec(source) ?? [];
  const packages = [...head.matchAll(/"@comhe\/([\w-]+)"/g)].map(([, name]) => name);
  return { packages, text: text.trim().replaceAll(/\n(?!\n)/g, "\n  ") };
}
