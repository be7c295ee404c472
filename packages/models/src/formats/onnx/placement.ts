/**
 * Where neurons are in a constant, by the operator that reads it. A neuron is what makes one output: a filter of a
 * convolution, a column of the matrix that rows are multiplied with, a row of an embedding, a unit's gate in an LSTM.
 *
 * Shapes are those of the ONNX operators' specification; nothing is inferred from a shape alone.
 */
import type { Layout, Shape } from "@comhe/core/layouts";
import type { AttentionUse } from "./attention-heads.js";
import type { Expression, Operation } from "./expression.js";

/** One neuron matrix in a constant. */
export interface Placed {
  readonly expression: Expression;
  /** The numbers from `from` on are a kernel of this shape. */
  readonly from: number;
  readonly shape: Shape;
  readonly layout: Layout;
  /** Which part of the constant, where it holds several matrices. */
  readonly part: string | undefined;
  /** Convolutions: neurons of different groups see different inputs. */
  readonly groups: number;
  readonly factor: number;
  /** What it is to the attention that reads it, where that is the operator itself. */
  readonly attention?: AttentionUse | undefined;
  /** Whether norms are those the layer computes with; directions always are. */
  readonly scaled: boolean;
}

/** A node, as an operator's rule sees it. */
export interface Call {
  readonly op: string;
  /** The constant at an input. */
  constant(input: number): Expression | undefined;
  /** Whether anything is given there. */
  given(input: number): boolean;
  integer(attribute: string): number | undefined;
  float(attribute: string): number | undefined;
  integers(attribute: string): readonly number[] | undefined;
  text(attribute: string): string | undefined;
  /** `Conv "conv1"`: the node, for people. */
  readonly title: string;
  /** The constant by which the node's output is multiplied, where that is all that becomes of it. */
  scaleAfter(): Expression | undefined;
  /** Scale and zero point by which the node's output is dequantized, where that is all that becomes of it. */
  dequantizedAfter(): { readonly scale: Expression; readonly zero: Expression | undefined } | undefined;
  /** A constant derived from others; a string says why it can't be. */
  derive(operation: Operation | string): Expression | string;
}

/** What becomes of the constant at an input: neuron matrices, or the reason why not. */
export type Placements = ReadonlyMap<number, readonly Placed[] | string>;

export type Rule = (call: Call) => Placements;

/** More matrices than that in one tensor are no layers. */
const MAX_PARTS = 4096;

export function placed(expression: Expression, layout: Layout, more: Partial<Placed> = {}): Placed {
  return {
    expression,
    from: 0,
    shape: expression.shape,
    layout,
    part: undefined,
    groups: 1,
    factor: 1,
    scaled: true,
    ...more,
  };
}

/** Equal matrices one after the other. */
export function consecutive(
  expression: Expression,
  shape: Shape,
  layout: Layout,
  parts: readonly string[],
): readonly Placed[] | string {
  if (parts.length > MAX_PARTS) return `holds ${parts.length} matrices, more than ${MAX_PARTS}`;
  const length = shape.reduce((total, size) => total * size, 1);
  return parts.map((part, n) =>
    placed(expression, layout, { from: n * length, shape, part: parts.length > 1 ? part : undefined }),
  );
}

export const shownShape = (shape: Shape) => `[${shape.join(", ")}]`;
