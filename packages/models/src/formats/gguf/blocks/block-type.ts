/** How numbers are kept in a block. */

/**
 * Unpacks `blocks` whole blocks from the start of `bytes` to the start of `out`.
 *
 * @param half the values of all 65,536 half-precision floats
 */
export type DecodeBlocks = (bytes: Uint8Array, blocks: number, out: Float32Array, half: Float32Array) => void;
