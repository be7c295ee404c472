import type { KernelBackend, KernelFunc, NamedTensorInfoMap, Tensor, TypedArray } from "@tensorflow/tfjs-core";

/** A kernel the backend lacks. */
export interface SuppliedKernel {
  readonly kernelName: string;
  readonly kernelFunc: KernelFunc;
}

/** A faster form of a kernel the backend has; it hands cases it does not cover to the built-in one. */
export interface KernelReplacement {
  readonly kernelName: string;
  readonly replace: (builtIn: KernelFunc) => KernelFunc;
}

/** The inputs of a kernel, which its type calls optional infos: the engine passes every one of them, as tensors. */
export function inputTensors<Name extends string, T extends Tensor = Tensor>(
  inputs: NamedTensorInfoMap,
): Readonly<Record<Name, T>> {
  return inputs as Record<Name, T>;
}

/** A host copy of a tensor's values. */
export function readValues(backend: unknown, { dataId }: Tensor): TypedArray {
  return (backend as KernelBackend).readSync(dataId) as TypedArray;
}
