// The platforms that there are packages for: src/platforms.ts, with what the compiler calls them. The first glibc that the binaries run on is
// 2.17, of 2012, which Node itself asks for.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const source = readFileSync(join(import.meta.dirname, "../src/platforms.ts"), "utf8");
const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ES2022 } });
const { platforms } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);

const targets = {
  "linux-x64-gnu": "x86_64-linux-gnu.2.17",
  "linux-arm64-gnu": "aarch64-linux-gnu.2.17",
  "linux-x64-musl": "x86_64-linux-musl",
  "linux-arm64-musl": "aarch64-linux-musl",
  "darwin-arm64": "aarch64-macos.11.0",
  "darwin-x64": "x86_64-macos.11.0",
  "win32-x64": "x86_64-windows-gnu",
  "win32-arm64": "aarch64-windows-gnu",
};

/** Each with its `target`. */
export const allPlatforms = platforms.map((platform) => ({ ...platform, target: targets[platform.name] }));
