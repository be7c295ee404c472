/** How packages and programs are built; a workspace's own `tsdown.config.ts` names its entries, and what it needs besides. */
import { defineConfig, type UserConfig } from "tsdown";

/**
 * In types written inside others, the declarations' printer leaves a member's docstring on the line of the member before, `a: A; /** … *\/`, where no
 * editor takes it for that of the next. It is moved down to its member; no line is added, so that source maps stay right.
 */
const docstringsAtTheirMembers: UserConfig["plugins"] = {
  name: "docstrings-at-their-members",
  renderChunk: {
    order: "post",
    handler: (code, { fileName }) =>
      /\.d\.[cm]?ts$/.test(fileName) ? code.replaceAll(/; (\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n( *)/g, ";\n$2$1 ") : null,
  },
};

const shared = { fixedExtension: false, sourcemap: true, plugins: [docstringsAtTheirMembers] } satisfies UserConfig;

/** A package that runs anywhere, as ES modules and as CommonJS. */
export const library = {
  ...shared,
  format: ["esm", "cjs"],
  platform: "neutral",
  target: "es2022",
  dts: true,
} satisfies UserConfig;

/** For packages with long docstrings and many modules: editors read docstrings in the types, debuggers find modules by the source maps, and no page loads either. */
export const withoutDocstrings = {
  outputOptions: { comments: { jsdoc: false } },
  // Where a module begins and ends.
  inputOptions: { experimental: { attachDebugInfo: "none" } },
} satisfies UserConfig;

/** A program of Node, which nobody imports. */
export const program = {
  ...shared,
  entry: { main: "src/main.ts" },
  format: "esm",
  platform: "node",
  target: "node20",
  dts: false,
} satisfies UserConfig;

/**
 * A study: a program, and in a second build its worker, so that the worker is one file, without shared chunks and with what it takes from the study
 * kit. Its digest says whether a stored run is still the run this code would make.
 */
export const study = defineConfig([
  program,
  {
    ...program,
    entry: { worker: "src/worker.ts" },
    // What makes runs pieces of a plan says nothing about what comes out of them.
    deps: { alwaysBundle: ["@comhe-examples/study-kit/worker"], neverBundle: [/^@comhe\/jobs/] },
  },
]);

/**
 * Formats of a library with dependencies that are ES modules only: a runner with a CommonJS loader of its own (Jest, say) can't require them, so
 * that they become part of the CommonJS build, with their notice.
 */
export function formatsWithout(esmOnly: readonly string[], notice: string) {
  const isOne = (id: string) => esmOnly.some((name) => id === name || id.startsWith(`${name}/`));
  const banner = (chunk: { readonly moduleIds: readonly string[] }) =>
    chunk.moduleIds.some((id) => esmOnly.some((name) => id.includes(`/node_modules/${name}/`))) ? notice : "";
  const deps = { alwaysBundle: isOne, onlyBundle: [...esmOnly], skipNodeModulesBundle: false };
  return { esm: {}, cjs: { deps, outputOptions: { banner } } } satisfies UserConfig["format"];
}
