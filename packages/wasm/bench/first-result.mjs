// Prints the milliseconds from the import to the first result at 64×576, in a process of its own (see figures.mjs).
const data = new Float32Array(64 * 576).map((_, n) => Math.sin(n * n));
const start = performance.now();
const { wasmBackend } = await import("@comhe/wasm");
const backend = wasmBackend({ threads: 1 });
const directions = backend.directions(backend.upload(data, [1, 64, 576]), 0);
const potential = { kind: "riesz", s: 2, distance: "chordal" };
const { energy, gradient } = backend.pairwise(directions, { potential, space: "half", separationFloor: 0.01 });
backend.download({ energy, gradient });
console.log(performance.now() - start);
