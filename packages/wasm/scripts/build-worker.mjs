// The source text of a worker, from src/threads/protocol.ts: workers start from memory, without a file to find or to fetch.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "..");
const source = readFileSync(join(root, "src/threads/protocol.ts"), "utf8");
const { outputText } = ts.transpileModule(source, {
  compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022, removeComments: true },
});
// A script, without what only people read.
const script = outputText.replace(/^export /gm, "").replace(/^\s+/gm, "");
const text = `(() => {
${script}
const node = typeof self === "undefined";
if (node) {
  const { parentPort, workerData } = require("node:worker_threads");
  work(workerData, (message) => parentPort.postMessage(message));
} else {
  self.onmessage = ({ data }) => work(data, (message) => self.postMessage(message));
  self.onmessageerror = () => { throw new Error("what it was sent can't be read in a worker of this browser"); };
}
})();
`;
mkdirSync(join(root, "generated"), { recursive: true });
writeFileSync(
  join(root, "generated/worker.ts"),
  `// Made by scripts/build-worker.mjs from src/threads/protocol.ts.\nexport const workerSource = ${JSON.stringify(text)};\n`,
);
