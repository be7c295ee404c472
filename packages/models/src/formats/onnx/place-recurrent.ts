/**
 * LSTM, GRU and RNN: W [directions, gates·hidden, in] and R [directions, gates·hidden, hidden]. The rows of one gate are
 * neurons of one kind, so every gate is a matrix of its own.
 */
import { viewed } from "./exact-operations.js";
import type { Expression } from "./expression.js";
import { type Call, consecutive, type Placed, type Placements, placed, type Rule, shownShape } from "./placement.js";
import { dequantize } from "./quantization.js";

/** In the order in which ONNX stacks them. */
const GATES: Readonly<Record<string, readonly string[]>> = {
  LSTM: ["input gate", "output gate", "forget gate", "cell"],
  GRU: ["update gate", "reset gate", "hidden"],
  RNN: ["hidden"],
};

function recurrent(call: Call): Placements {
  const gates = GATES[call.op]!;
  const direction = call.text("direction") ?? "forward";
  const directions = direction === "bidirectional" ? ["forward", "reverse"] : [direction];
  const result = new Map<number, ReturnType<typeof consecutive>>();
  for (const input of [1, 2]) {
    const kernel = call.constant(input);
    if (kernel === undefined) continue;
    const [stacked, rows, dim] = kernel.shape;
    const hidden = rows! / gates.length;
    const stated = call.integer("hidden_size") ?? hidden;
    const fits =
      kernel.shape.length === 3 &&
      stacked === directions.length &&
      Number.isInteger(hidden) &&
      hidden === stated &&
      (input === 1 || dim === hidden);
    if (!fits) {
      const expected = `[${directions.length}, ${gates.length}·${stated}, ${input === 1 ? "in" : stated}]`;
      result.set(input, `${call.op} expects weights ${expected}, not ${shownShape(kernel.shape)}`);
      continue;
    }
    const kind = input === 1 ? "input weights" : "recurrent weights";
    const parts = directions.flatMap((way) =>
      gates.map((gate) =>
        [directions.length > 1 ? way : "", gates.length > 1 ? gate : "", kind].filter(Boolean).join(", "),
      ),
    );
    result.set(input, consecutive(kernel, [hidden, dim!], "neurons-first", parts));
  }
  return result;
}

/**
 * DynamicQuantizeLSTM: W [directions, in, 4·hidden] and R [directions, hidden, 4·hidden] of whole numbers, transposed
 * against LSTM's; scales and zero points [directions], or one for each column, [directions, 4·hidden].
 */
function quantizedLstm(call: Call): Placements {
  const result = new Map<number, readonly Placed[] | string>();
  for (const [input, scaleInput, kind] of [
    [1, 8, "input weights"],
    [2, 10, "recurrent weights"],
  ] as const) {
    const codes = call.constant(input);
    if (codes !== undefined) result.set(input, quantizedGates(call, codes, scaleInput, kind));
  }
  return result;
}

function quantizedGates(call: Call, codes: Expression, scaleInput: number, kind: string): readonly Placed[] | string {
  const [scales, zeros] = [call.constant(scaleInput), call.constant(scaleInput + 1)];
  if (scales === undefined || (call.given(scaleInput + 1) && zeros === undefined)) {
    return "its scale or zero point is computed while the model runs";
  }
  const gates = GATES.LSTM!;
  const [directions, inputs, columns] = codes.shape;
  const hidden = columns! / gates.length;
  const ways = (call.text("direction") ?? "forward") === "bidirectional" ? ["forward", "reverse"] : [""];
  const stated = call.integer("hidden_size") ?? hidden;
  if (codes.shape.length !== 3 || directions !== ways.length || hidden !== stated || !Number.isInteger(hidden)) {
    return `${call.op} expects weights [${ways.length}, in, 4·${stated}], not ${shownShape(codes.shape)}`;
  }
  const cut = (x: Expression, sizes: number[], steps: number[], offset: number) =>
    call.derive(viewed("Slice", x, { sizes, steps, offset }));
  /** A gate's scales: the direction's only one, or one for each of its columns. */
  const own = (table: Expression, way: number, gate: number) => {
    if (table.count === directions) return cut(table, [], [], way);
    if (table.count === directions * columns!) return cut(table, [hidden], [1], way * columns! + gate * hidden);
    return `${call.op} with scales or zero points ${shownShape(table.shape)} for ${shownShape(codes.shape)}`;
  };
  const placements: Placed[] = [];
  for (const [w, way] of ways.entries()) {
    for (const [g, gate] of gates.entries()) {
      const matrix = cut(codes, [inputs!, hidden], [columns!, 1], w * inputs! * columns! + g * hidden);
      const scale = own(scales, w, g);
      const zero = zeros && own(zeros, w, g);
      for (const part of [matrix, scale, zero]) if (typeof part === "string") return part;
      const [q, s, z] = [matrix, scale, zero] as [Expression, Expression, Expression | undefined];
      const numbers = call.derive(dequantize(q, s, z, { axis: 1, block: 0 }));
      if (typeof numbers === "string") return numbers;
      placements.push(placed(numbers, "neurons-last", { part: [way, gate, kind].filter(Boolean).join(", ") }));
    }
  }
  return placements;
}

export const RECURRENT: readonly (readonly [domain: string, op: string, rule: Rule])[] = [
  ...Object.keys(GATES).map((op) => ["", op, recurrent] as const),
  ["com.microsoft", "DynamicQuantizeLSTM", quantizedLstm],
];
