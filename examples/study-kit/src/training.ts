/** For examples that train with TensorFlow.js: what layers are watched by, and random orders. Apart from the report's libraries. */
export { ANGLE_BINS, angleHistogram, LayerWatch, type WatchState } from "./training/layer-watch.js";
export { randomOrder } from "./training/random-order.js";
