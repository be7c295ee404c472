export function writeSparseSafetensors(
  path: string,
  options: {
    layers: number;
    rows: number;
    columns: number;
    filled: number;
    seed?: number;
    extra?: Record<string, [number, number]>;
  },
): { bytes: number; names: string[] };
