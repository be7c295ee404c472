/** word2vec's binary vectors: "N d" as text, then each word and its d floats. */
import type { Format } from "../../format.js";

export const word2vec: Format = {
  name: "word2vec",
  extensions: [],
  detect(start, _name, size) {
    const text = new TextDecoder("latin1").decode(start.subarray(0, 40));
    const head = /^(\d{1,10}) (\d{1,6})\n/.exec(text);
    if (head === null) return false;
    const [rows, dim] = [Number(head[1]), Number(head[2])];
    // As text, N rows of d numbers take at least two bytes each; what tells is that the floats aren't text.
    const body = start.subarray(head[0].length, head[0].length + 200);
    return (
      size >= head[0].length + rows * (dim * 4 + 1) &&
      body.some((byte) => byte < 9 || (byte > 13 && byte < 32) || byte > 244)
    );
  },
  read: async (source) => (await import("./read-word2vec.js")).readWord2vec(source),
};
