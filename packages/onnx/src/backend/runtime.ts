/** What the backend uses of ONNX Runtime: `onnxruntime-node` and `onnxruntime-web` both have it. */
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from "onnxruntime-common";

export interface OnnxRuntime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
  /** Of onnxruntime-node. */
  readonly listSupportedBackends?: () => readonly { readonly name: string; readonly bundled?: boolean }[];
}

export type ExecutionProviders = NonNullable<InferenceSession.SessionOptions["executionProviders"]>;

export type SessionOptions = Omit<InferenceSession.SessionOptions, "executionProviders">;
