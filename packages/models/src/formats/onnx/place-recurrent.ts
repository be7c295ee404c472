/**
 * LSTM, GRU and RNN: W [directions, gates·hidden, in] and R [directions, gates·hidden, hidden]. The rows of one gate are
 * neurons of one kind, so every gate is a matrix of its own.
 */
import { type Call, consecutive, type Placements, type Rule, shownShape } from "./placement.js";

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

export const RECURRENT: readonly (readonly [domain: string, op: string, rule: Rule])[] = Object.keys(GATES).map(
  (op) => ["", op, recurrent] as const,
);
