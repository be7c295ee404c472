export const cache: string;
export const versions: readonly string[];
export function fetchNode(version: string): string;
export function fetchRuntime(name: "bun" | "deno"): string | undefined;
