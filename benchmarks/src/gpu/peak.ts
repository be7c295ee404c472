/** What the device can do at most: multiply-adds in registers, without memory, as many as keep every unit busy. */

/** Chains of vec4 of a thread, which don't wait for each other. */
const chains = 8;
const [threads, groups] = [256, 2048];
/** Operations of a turn of the loop. */
const flopsOfTurn = 2 * 4 * chains * threads * groups;

const list = Array.from({ length: chains }, (_, n) => n);
const factor = "vec4f(0.999, 0.998, 0.997, 0.996)";
/** Some compilers make one operation of both, some only of what asks for it, and some compute the latter digit by digit. */
const forms = [
  (c: string, add: string) => `fma(${c}, ${factor}, ${add})`,
  (c: string, add: string) => `${c} * ${factor} + ${add}`,
];
const code = (
  form: (c: string, add: string) => string,
) => `@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@group(0) @binding(1) var<uniform> turns: vec4u;
@compute @workgroup_size(${threads})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let start = f32(id.x & 1023u) * 1e-6;
  ${list.map((n) => `var c${n} = vec4f(start + ${n}.0);`).join(" ")}
  for (var turn = 0u; turn < turns.x; turn++) {
    ${list.map((n) => `c${n} = ${form(`c${n}`, `vec4f(${(0.01 * (n + 1)).toFixed(2)})`)};`).join(" ")}
  }
  let sum = ${list.map((n) => `c${n}`).join(" + ")};
  result[id.x] = sum.x + sum.y + sum.z + sum.w;
}`;

/** Operations a second, the best of several runs that each last long enough for a clock. */
export async function measurePeak(device: GPUDevice): Promise<number> {
  let best = 0;
  for (const form of forms) best = Math.max(best, await measureForm(device, code(form)));
  return best;
}

async function measureForm(device: GPUDevice, text: string): Promise<number> {
  const result = device.createBuffer({ size: 4 * threads * groups, usage: 0x80 });
  const turns = device.createBuffer({ size: 16, usage: 0x40 | 0x8 });
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module: device.createShaderModule({ code: text }), entryPoint: "main" },
  });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      { binding: 0, resource: { buffer: result } },
      { binding: 1, resource: { buffer: turns } },
    ],
  });
  const run = async (count: number): Promise<number> => {
    device.queue.writeBuffer(turns, 0, Uint32Array.of(count, 0, 0, 0));
    await device.queue.onSubmittedWorkDone();
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / 1000;
  };
  let count = 16;
  await run(count);
  // Long enough that what a submission costs is nothing beside it, and no watchdog minds.
  for (let time = await run(count); time < 0.05 && count < 2 ** 20; time = await run(count)) count *= 4;
  let best = 0;
  for (let n = 0; n < 4; n++) best = Math.max(best, (flopsOfTurn * count) / (await run(count)));
  result.destroy();
  turns.destroy();
  return best;
}
