/** What the backend uses of ONNX Runtime: `onnxruntime-node` and `onnxruntime-web` both have it. */
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from "onnxruntime-common";

/** ONNX Runtime: the module `onnxruntime-node` or `onnxruntime-web`, or another with the same API. */
export interface OnnxRuntime {
  /** What makes sessions of graphs. */
  readonly InferenceSession: InferenceSessionFactory;
  /** What makes tensors for their inputs. */
  readonly Tensor: TensorConstructor;
  /** Lists the execution providers; only onnxruntime-node has it, and it is used for messages alone. */
  readonly listSupportedBackends?: () => readonly {
    /** The provider's name. */
    readonly name: string;
    /** Whether it comes with the package. */
    readonly bundled?: boolean;
  }[];
}

/** Execution providers as ONNX Runtime takes them: names such as `"cuda"`, or objects with options. */
export type ExecutionProviders = NonNullable<InferenceSession.SessionOptions["executionProviders"]>;

/** Options of sessions as ONNX Runtime takes them, without the execution providers. */
export type SessionOptions = Omit<InferenceSession.SessionOptions, "executionProviders">;
