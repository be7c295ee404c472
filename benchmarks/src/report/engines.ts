/**
 * Which build of the WebAssembly kernels a reader gets. The runs measure both, relaxed SIMD by a flag where the Node that runs them has it
 * behind one; a row says which engines have its build, and what that Node gives by itself comes first.
 */

const wasmRow = /^@comhe\/wasm (baseline|relaxed), (\d+) threads?$/;
const engines = { baseline: "Node 20", relaxed: "Node 22+" } as const;
type Build = keyof typeof engines;

/** In words, for the page. */
export const enginesInWords = `- **Builds.** \`@comhe/wasm\` uses *baseline* SIMD in Node 20, and in Node 22 and newer, Deno, Bun and Chromium *relaxed* SIMD, which has a fused
  multiply-add. Each row names the versions of Node that use its build (for the measurement Node 20 got relaxed SIMD by a flag); \`comhe doctor\` shows which one yours uses.`;

/** @param node its version, as `process.version` says it */
export function defaultBuild(node: string): Build {
  return Number(/^v?(\d+)/.exec(node)?.[1]) >= 22 ? "relaxed" : "baseline";
}

/**
 * The same results: rows of `@comhe/wasm` with their engines, in the order in which whoever has this Node meets them.
 *
 * @param results lists of whatever has a `name`, at any depth
 */
export function withEngines<T>(results: T, node: string): T {
  return walk(results, defaultBuild(node)) as T;
}

function walk(value: unknown, first: Build): unknown {
  if (Array.isArray(value)) return inOrder(value, first).map((entry) => walk(entry, first));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, key === "name" ? labelOf(entry) : walk(entry, first)]),
  );
}

function labelOf(name: unknown): unknown {
  const build = buildOf(name);
  return build ? `${name} (${engines[build]})` : name;
}

function buildOf(name: unknown): Build | undefined {
  return typeof name === "string" ? (wasmRow.exec(name)?.[1] as Build | undefined) : undefined;
}

/** Rows of the two builds change places among themselves; all others stay. */
function inOrder(list: readonly unknown[], first: Build): readonly unknown[] {
  const build = (entry: unknown) => buildOf((entry as { name?: unknown } | null)?.name);
  const rows = list.filter((entry) => build(entry) !== undefined);
  const sorted = [...rows.filter((row) => build(row) === first), ...rows.filter((row) => build(row) !== first)];
  return list.map((entry) => (build(entry) === undefined ? entry : sorted.shift()));
}
