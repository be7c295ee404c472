/** Opens and reads one file after another, and counts the bytes of every array that the library asks for. */
import { parentPort, workerData } from "node:worker_threads";

let allocated = 0;
for (const name of [
  "ArrayBuffer",
  "Uint8Array",
  "Uint16Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "Int32Array",
]) {
  const size = globalThis[name].BYTES_PER_ELEMENT ?? 1;
  globalThis[name] = new Proxy(globalThis[name], {
    construct(target, args, newTarget) {
      if (typeof args[0] === "number") {
        allocated += args[0] * size;
        // Not made at all: the machine would pay for it.
        if (allocated > workerData.most) throw new Error(`${allocated} bytes of arrays were asked for`);
      }
      return Reflect.construct(target, args, newTarget);
    },
  });
}

const { openModel } = await import(workerData.library);

async function read(path) {
  const model = await openModel(path);
  try {
    const layers = [];
    for (const { name, shape, dataType, read } of model.layers)
      layers.push({ name, shape, dataType, data: await read() });
    return layers;
  } finally {
    await model.close();
  }
}

parentPort.on("message", async ({ path }) => {
  allocated = 0;
  const begin = performance.now();
  const answer = await read(path).then(
    (layers) => ({ layers }),
    (error) => ({ layers: [], failure: String(error?.stack ?? error), message: error?.message, code: error?.code }),
  );
  parentPort.postMessage({ ...answer, ms: performance.now() - begin, allocated });
});
parentPort.postMessage("ready");
