/**
 * Reads damaged models in a thread of its own, so that a hang or a crash is seen from outside. Counts what is allocated
 * for numbers and bytes: every typed array and buffer is made through constructors that count.
 */
import { parentPort, workerData } from "node:worker_threads";
import { EnergyError } from "@comhe/core";

let allocated = 0;
for (const name of [
  "Float32Array",
  "Float64Array",
  "Int8Array",
  "Uint8Array",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "BigInt64Array",
  "BigUint64Array",
  "ArrayBuffer",
]) {
  const original = globalThis[name];
  const counting = new Proxy(original, {
    construct(target, args, newTarget) {
      // Views on a buffer that is there already cost nothing.
      const size = args[0] instanceof ArrayBuffer ? 0 : typeof args[0] === "number" ? args[0] : (args[0]?.length ?? 0);
      const bytes = size * (target.BYTES_PER_ELEMENT ?? 1);
      allocated += bytes;
      if (bytes > workerData.most) throw new Error(`allocates ${bytes} bytes at once`);
      return Reflect.construct(target, args, newTarget === counting ? target : newTarget);
    },
  });
  original.prototype.constructor = counting;
  globalThis[name] = counting;
}

// After the constructors have been replaced.
const { readWeights } = await import(workerData.library);

parentPort.on("message", async ({ bytes }) => {
  allocated = 0;
  const start = performance.now();
  const answer = { weights: [], unplaced: 0, failure: undefined, code: undefined };
  try {
    const model = await readWeights(bytes, { externalData: workerData.externalData });
    answer.unplaced = model.unplaced.length;
    for (const weight of model.weights) {
      const { name, tensor, op, via, dataType, count, dim } = weight;
      let data;
      try {
        data = (await weight.neurons()).data;
      } catch (error) {
        if (!EnergyError.isInstance(error)) throw error;
      }
      answer.weights.push({
        name,
        tensor,
        op,
        via,
        dataType,
        count,
        dim,
        data,
        layout: weight.layout,
        shape: weight.shape,
      });
    }
  } catch (error) {
    answer.code = EnergyError.isInstance(error) ? error.code : undefined;
    answer.failure = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error);
  }
  parentPort.postMessage({ ...answer, ms: performance.now() - start, allocated });
});
parentPort.postMessage("ready");
