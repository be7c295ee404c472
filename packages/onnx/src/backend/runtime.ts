/** What the backend uses of ONNX Runtime: `onnxruntime-node` and `onnxruntime-web` both have it. */
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from "onnxruntime-common";

/** ONNX Runtime: the module `onnxruntime-node` or `onnxruntime-web`, or another with the same API. */
export interface OnnxRuntime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
  /** Of onnxruntime-node. */
  readonly listSupportedBackends?: () => readonly { readonly name: string; readonly bundled?: boolean }[];
}

/** ONNX Runtime's own: names such as `"cuda"`, or objects with options. */
export type ExecutionProviders = NonNullable<InferenceSession.SessionOptions["executionProviders"]>;

/** ONNX Runtime's own, without the providers. */
export type SessionOptions = Omit<InferenceSession.SessionOptions, "executionProviders">;
