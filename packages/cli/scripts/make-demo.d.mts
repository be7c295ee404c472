export const width: number;
export const heads: number;
export const blocks: number;
export const inner: number;
export const tokens: readonly string[];
export function demoFiles(): Record<"model.safetensors" | "config.json" | "vocab.json", Buffer>;
