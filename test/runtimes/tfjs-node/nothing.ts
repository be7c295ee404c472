/** Stands in for `@tensorflow/tfjs-backend-wasm`, whose backend these tests do without. */
export {};
