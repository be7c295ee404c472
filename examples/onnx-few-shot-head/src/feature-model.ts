/**
 * A trained model, cut off at one of its values: what comes before is kept and yields features, the rest is dropped. An
 * ONNX file is a list of nodes, so this is a walk backwards over names.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, ValueInfoProtoSchema } from "onnx-buf";

/** @throws RangeError where the model has no value of that name */
export function cutModel(bytes: Uint8Array, value: string): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  if (!makers.has(value)) throw new RangeError(`The model has no value "${value}" to be cut at.`);
  const kept = new Set<unknown>();
  const wanted = [value];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || kept.has(maker)) continue;
    kept.add(maker);
    wanted.push(...maker.input);
  }
  graph.node = graph.node.filter((node) => kept.has(node));
  graph.output = [create(ValueInfoProtoSchema, { name: value })];
  return toBinary(ModelProtoSchema, model);
}
