/** The commented config that `comhe init` writes, and how its comments are taken out again. */
export const starterConfig = `// Energy config of CoMHE. Comments are allowed here; \`comhe schema\` prints the JSON Schema.
{
  // How two neurons repel each other: distance^(-s). Or { "kind": "gaussian", "t": 2 }.
  "potential": { "kind": "riesz", "s": 2, "distance": "chordal" },

  // "half": a neuron and its opposite count as the same (hidden layers with weights of both signs).
  // "full": they don't (output layers, embeddings).
  "space": "half",

  // What the projected energy is of: the mean over 5 random projections to 30 dimensions.
  // Others: "none", "group", "bilateral", "pca", "angle-preserving", "adversarial", "fixed".
  "projection": { "kind": "random", "dimension": 30, "count": 5, "refresh": 0 },

  // Pairs closer than this chord continue along the tangent, so that duplicates have a finite energy.
  "separationFloor": 0.01
}
`;

/** Line comments, outside of strings. */
export function stripComments(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (match) => (match.startsWith("//") ? "" : match));
}
