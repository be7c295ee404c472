/**
 * Formats that hold bare arrays don't say which axis counts neurons. PyTorch, whose weights these files mostly hold, keeps
 * neurons on the first axis: Linear `[out, in]`, Conv `[out, in, kh, kw]`, Embedding `[N, d]`. That is followed, said in
 * the table, and changed by `--layout`.
 */
import type { Shape } from "@comhe/core/layouts";

const embedding = /(^|[._/])(embed|embedding|embeddings|embed_tokens|word_embeddings|wte|wpe|tok_embeddings)([._/]|$)/i;

export function rowKind(name: string, shape: Shape): { kind: string; note: string } {
  const note = `the first axis was taken as the neurons' (if it is the last: --layout "${name}=neurons-last")`;
  if (shape.length > 2) return { kind: "convolution", note };
  return { kind: embedding.test(name) ? "embedding" : "matrix", note };
}
