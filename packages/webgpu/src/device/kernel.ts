/**
 * Kernels: WGSL text with what it is bound to. Every kernel finds its numbers in a struct `p`, its arrays by name, and its workgroup's
 * position by `group_of`, not by the builtin: a grid that is too large for one dispatch, or takes too long for one, runs as several.
 */

/** The type of a number among a kernel's parameters. */
export type ParameterType = "u32" | "f32";

/** How a kernel sees an array, and whether it writes to it. */
export interface Binding {
  readonly type: "f32" | "vec4f" | "u32" | "i32" | "vec4u" | "atomic<u32>";
  readonly writes?: boolean;
}

export interface Kernel<P extends string = string, A extends string = string> {
  /** Kernels of one name have one text. */
  readonly name: string;
  readonly parameters: Readonly<Record<P, ParameterType>>;
  readonly arrays: Readonly<Record<A, Binding>>;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** Declarations at the module's level. */
  readonly declarations?: (() => string) | undefined;
  /** The body of the entry point: `group` is the workgroup's position, `t` the thread's number in it. */
  readonly body: () => string;
}

const own = ["group_x", "group_y", "group_z"] as const;

/** Names of the parameters in their order: the first three are the position of the dispatch's first workgroup. */
export function parameterNames({ parameters }: Kernel): readonly string[] {
  return [...own, ...Object.keys(parameters)];
}

export function kernelText(kernel: Kernel): string {
  const parameters = [
    ...own.map((name) => `${name}: u32`),
    ...Object.entries(kernel.parameters).map((p) => p.join(": ")),
  ];
  const arrays = Object.entries<Binding>(kernel.arrays).map(
    ([name, { type, writes }], n) =>
      `@group(0) @binding(${n + 1}) var<storage, ${writes ? "read_write" : "read"}> ${name}: array<${type}>;`,
  );
  return `// ${kernel.name}
struct Parameters { ${parameters.join(", ")} }
@group(0) @binding(0) var<uniform> p: Parameters;
${arrays.join("\n")}
${kernel.declarations?.() ?? ""}
@compute @workgroup_size(${kernel.threads})
fn main(@builtin(workgroup_id) group_id: vec3u, @builtin(local_invocation_index) t: u32) {
  let group = group_id + vec3u(p.group_x, p.group_y, p.group_z);
  ${kernel.body()}
}
`;
}
