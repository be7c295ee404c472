/** Tables as text: CSV and TSV of numbers, GloVe, word2vec's and fastText's `.vec`, the vectors of TensorBoard's projector. */
import type { Format } from "../../format.js";

const names = /\.(csv|tsv|tab|vec|glove|txt|text|dat|data|w2v)$/i;

export const textTable: Format = {
  name: "text table",
  extensions: ["csv", "tsv", "vec"],
  detect: (start, name) => looksLikeTable(start, names.test(name)),
  read: async (source, context) => (await import("./read-text-table.js")).readTextTable(source, context),
};

/** Text of which most is numbers, from its second line on: the first may be a header. A line may be longer than what is seen of it. */
function looksLikeTable(start: Uint8Array, named: boolean): boolean {
  for (const byte of start) if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return false;
  const text = new TextDecoder("latin1").decode(start);
  if (/^\s*[<[{]/.test(text)) return false;
  const lines = text.split(/\r?\n/);
  const second = lines.length > 1 && lines[1] !== "";
  const fields = (second ? lines[1]! : lines[0]!).split(/[\t,; ]+/).filter((field) => field !== "");
  // The last one of what is seen may be cut off.
  if (lines.length <= (second ? 2 : 1)) fields.pop();
  const numbers = fields.filter((field) => /^"?[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?"?$|^nan$/i.test(field)).length;
  return numbers >= (named ? 1 : 3) && numbers >= fields.length / 2;
}
