/** TypeScript blocks of the READMEs, each a module of its own. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Snippet {
  /** File, line and position: `packages/core/README.md:21`. */
  readonly name: string;
  readonly code: string;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Their snippets are parts of modules that other tests hold them to: `packages/conformance`, and `writing-a-potential.test.ts`. */
const elsewhere = new Set(["docs/usage/writing-a-backend.md", "docs/usage/writing-a-potential.md"]);

/** READMEs of the root and of every package, and the pages of the site. */
export function readmes(): readonly string[] {
  const packages = readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`);
  const pages = ["", "usage/", "theory/"].flatMap((folder) =>
    readdirSync(`${root}docs/${folder}`)
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${folder}${name}`),
  );
  return ["README.md", ...packages, ...pages].filter((path) => existsSync(root + path) && !elsewhere.has(path));
}

export function snippetsOf(path: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  let code: string[] | undefined;
  readFileSync(root + path, "utf8")
    .split("\n")
    .forEach((line, n) => {
      if (code && line.startsWith("```")) {
        snippets.push({ name: `${path}:${n + 1 - code.length}`, code: `${code.join("\n")}\n` });
        code = undefined;
      } else if (code) {
        code.push(line);
      } else if (/^```(ts|typescript)\b/.test(line)) {
        code = [];
      }
    });
  if (code) throw new Error(`${path}: a block of code without an end`);
  return snippets;
}

/** What a snippet promises to print: the comments behind its `console.log`s. */
export function promisedOutput(code: string): readonly string[] {
  return [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, comment]) => comment.split(/[;:] /)[0].trim());
}
