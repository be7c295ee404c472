/**
 * Commands, recorded until somebody reads: a step of training is one submission. Parameters of all dispatches lie in one uniform buffer, each
 * at an offset of its own. Work is cut by what the device was seen to do in a third of a second, so that no watchdog ends a submission; a cut
 * changes neither what a workgroup computes nor the order of sums, and so no result.
 */
import type { Kernel } from "./kernel.js";
import type { Pipelines } from "./pipelines.js";

export type Groups = readonly [x: number, y: number, z: number];

export interface Command {
  readonly kernel: Kernel;
  readonly buffers: readonly { readonly buffer: GPUBuffer; readonly size: number }[];
  /** In the kernel's order. */
  readonly parameters: readonly number[];
  readonly groups: Groups;
  /** Multiplications and additions, about. */
  readonly work: number;
}

/** A copy for the host, made behind all commands. */
export interface ReadCopy {
  readonly from: GPUBuffer;
  readonly to: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
}

/** How far the GPU is, in multiplications and additions. */
export interface Progress {
  /** How many it was given since the backend was made. */
  readonly submitted: number;
  /** How many of them it has done. */
  readonly done: number;
}

export interface RecorderOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Operations of a submission at most. Default: learned from what the device does. */
  readonly budget?: number | undefined;
}

interface Dispatch {
  readonly command: Command;
  readonly first: Groups;
  readonly groups: Groups;
  readonly work: number;
}

/** UNIFORM | COPY_DST */
const uniformUsage = 0x40 | 0x8;
/** Dispatches of a submission at most. */
const slots = 1024;
/** How many milliseconds a submission is to take. */
const aimedTime = 300;
const [leastBudget, firstBudget, greatestBudget] = [2 ** 28, 2 ** 31, 2 ** 46];

export class Recorder {
  private readonly device: GPUDevice;
  private readonly pipelines: Pipelines;
  private readonly guard: <R>(make: () => R) => R;
  private readonly onProgress: ((progress: Progress) => void) | undefined;
  private readonly slotBytes: number;
  private readonly uniforms: GPUBuffer;
  private readonly staged: ArrayBuffer;
  private commands: Command[] = [];
  private work = 0;
  private readonly learns: boolean;
  private budget: number;
  private submitted = 0;
  private done = 0;
  private busySince = 0;
  /** Counts flushes: the number of the submission that is being recorded. */
  serial = 1;
  /** Submissions so far. */
  submissions = 0;

  constructor(
    device: GPUDevice,
    pipelines: Pipelines,
    guard: <R>(make: () => R) => R,
    { onProgress, budget }: RecorderOptions,
  ) {
    this.device = device;
    this.pipelines = pipelines;
    this.guard = guard;
    this.onProgress = onProgress;
    this.learns = budget === undefined;
    this.budget = budget ?? firstBudget;
    this.slotBytes = Math.max(256, device.limits.minUniformBufferOffsetAlignment);
    this.staged = new ArrayBuffer(slots * this.slotBytes);
    this.uniforms = guard(() => device.createBuffer({ size: slots * this.slotBytes, usage: uniformUsage }));
  }

  record(command: Command): void {
    this.commands.push(command);
    this.work += command.work;
    if (this.work > this.budget) this.flush();
  }

  /** Submits what was recorded, and behind it copies for the host. */
  flush(copies: readonly ReadCopy[] = []): void {
    const dispatches = this.commands.flatMap((command) => this.cut(command));
    this.commands = [];
    this.work = 0;
    this.serial++;
    let batch: Dispatch[] = [];
    let work = 0;
    for (const dispatch of dispatches) {
      if (batch.length === slots || (batch.length > 0 && work + dispatch.work > this.budget)) {
        this.submit(batch, [], work);
        batch = [];
        work = 0;
      }
      batch.push(dispatch);
      work += dispatch.work;
    }
    if (batch.length > 0 || copies.length > 0) this.submit(batch, copies, work);
  }

  /** Forgets what was recorded. */
  drop(): void {
    this.commands = [];
    this.work = 0;
    this.serial++;
  }

  destroy(): void {
    this.uniforms.destroy();
  }

  /** Dispatches of one command: each within the device's counts, and none longer than a submission may last. */
  private cut(command: Command): Dispatch[] {
    const most = this.device.limits.maxComputeWorkgroupsPerDimension;
    const dispatches: Dispatch[] = [];
    const visit = (first: Groups, groups: Groups, work: number): void => {
      const tooMany = groups.findIndex((count) => count > most);
      if (tooMany < 0 && (work <= this.budget || Math.max(...groups) === 1)) {
        dispatches.push({ command, first, groups, work });
        return;
      }
      const axis = tooMany >= 0 ? tooMany : groups.indexOf(Math.max(...groups));
      const half = Math.ceil(groups[axis]! / 2);
      const part = (from: number, count: number) =>
        visit(
          first.map((at, n) => (n === axis ? at + from : at)) as unknown as Groups,
          groups.map((all, n) => (n === axis ? count : all)) as unknown as Groups,
          (work * count) / groups[axis]!,
        );
      part(0, half);
      part(half, groups[axis]! - half);
    };
    visit([0, 0, 0], command.groups, command.work);
    return dispatches;
  }

  private submit(batch: readonly Dispatch[], copies: readonly ReadCopy[], work: number): void {
    const { device } = this;
    this.guard(() => {
      for (const [n, { command, first }] of batch.entries()) this.stage(command, first, n);
      if (batch.length > 0) device.queue.writeBuffer(this.uniforms, 0, this.staged, 0, batch.length * this.slotBytes);
      const encoder = device.createCommandEncoder();
      if (batch.length > 0) {
        const pass = encoder.beginComputePass();
        for (const [n, dispatch] of batch.entries()) this.encode(pass, dispatch, n);
        pass.end();
      }
      for (const { from, to, offset, bytes } of copies) encoder.copyBufferToBuffer(from, 0, to, offset, bytes);
      device.queue.submit([encoder.finish()]);
    });
    this.submissions++;
    this.measure(work);
  }

  private stage({ kernel, parameters }: Command, first: Groups, slot: number): void {
    const view = new DataView(this.staged, slot * this.slotBytes, this.slotBytes);
    first.forEach((value, n) => {
      view.setUint32(4 * n, value, true);
    });
    Object.values(kernel.parameters).forEach((type, n) => {
      if (type === "u32") view.setUint32(12 + 4 * n, parameters[n]!, true);
      else view.setFloat32(12 + 4 * n, parameters[n]!, true);
    });
  }

  private encode(pass: GPUComputePassEncoder, { command, groups }: Dispatch, slot: number): void {
    const { pipeline, layout, parameterBytes } = this.pipelines.get(command.kernel);
    const group = this.device.createBindGroup({
      layout,
      entries: [
        { binding: 0, resource: { buffer: this.uniforms, offset: 0, size: parameterBytes } },
        ...command.buffers.map((resource, n) => ({ binding: n + 1, resource })),
      ],
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group, [slot * this.slotBytes]);
    pass.dispatchWorkgroups(...groups);
  }

  /** Learns from what takes long enough to be told from a submission's own time. */
  private measure(work: number): void {
    this.submitted += work;
    if (work < leastBudget / 4 && !this.onProgress) {
      this.done += work;
      return;
    }
    const from = performance.now();
    const finish = () => {
      const now = performance.now();
      const elapsed = now - Math.max(from, this.busySince);
      this.busySince = now;
      this.done += work;
      if (this.learns && work >= leastBudget / 4 && elapsed > 0) {
        const budget = (work / Math.max(elapsed, 0.05)) * aimedTime;
        this.budget = Math.min(greatestBudget, Math.max(leastBudget, Math.sqrt(this.budget * budget)));
      }
      this.onProgress?.({ submitted: this.submitted, done: this.done });
    };
    // A device that is lost finishes nothing: who reads is told so.
    this.device.queue.onSubmittedWorkDone().then(finish, () => {});
  }
}
