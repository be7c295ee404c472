export function onnxFile(
  matrices: readonly { name: string; shape: readonly [number, number]; data: Float32Array }[],
): Buffer;
