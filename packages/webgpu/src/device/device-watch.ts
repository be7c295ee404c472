/**
 * Asks the device what no exception tells: once it is lost, out of memory, or was given a wrong command, whatever is read is zeros or what lay
 * there before. Errors are caught by scopes around our own commands alone, opened and closed at once, so that those of others who share the
 * device stay theirs.
 */
import type { EnergyError } from "@comhe/core";
import { deviceLost, deviceRefused, outOfMemory } from "./failures.js";

export class DeviceWatch {
  private readonly device: GPUDevice;
  private lost: EnergyError | undefined;
  private failure: EnergyError | undefined;
  private pending: Promise<void>[] = [];

  constructor(device: GPUDevice) {
    this.device = device;
    device.lost.then((info) => {
      this.lost = deviceLost(info);
    });
  }

  /** Runs commands; what they cause is told by the next {@link settle}. */
  guard = <R>(body: () => R): R => {
    const { device } = this;
    device.pushErrorScope("validation");
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("internal");
    try {
      return body();
    } finally {
      for (let scope = 0; scope < 3; scope++) this.pending.push(this.note(device.popErrorScope()));
      // Long runs that read nothing don't gather promises.
      if (this.pending.length > 3000) this.pending = [Promise.all(this.pending).then(() => {})];
    }
  };

  /** @throws EnergyError once the device is lost */
  checkAlive(): void {
    if (this.lost) throw this.lost;
  }

  /** @throws EnergyError where something since the last call went wrong, so that what was read is worthless */
  async settle(): Promise<void> {
    const pending = this.pending;
    this.pending = [];
    await Promise.all(pending);
    this.checkAlive();
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }

  /** Whether something went wrong that nobody was told yet. */
  get hasFailed(): boolean {
    return this.failure !== undefined || this.lost !== undefined;
  }

  /** What a reading threw: most often the device is lost, which may be told a moment later. */
  async explain(error: unknown): Promise<EnergyError> {
    await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 200))]);
    if (this.lost) return this.lost;
    try {
      await this.settle();
    } catch (known) {
      return known as EnergyError;
    }
    return deviceRefused(error instanceof Error ? error.message : String(error));
  }

  private async note(popped: Promise<GPUError | null>): Promise<void> {
    let error: GPUError | null;
    try {
      error = await popped;
    } catch {
      // Of a lost device, which `lost` tells.
      return;
    }
    if (!error) return;
    // By name: the class isn't a global of every runtime. Memory is the cause of the refusals that follow it.
    if (error.constructor.name === "GPUOutOfMemoryError") this.failure = outOfMemory(error.message);
    else this.failure ??= deviceRefused(error.message);
  }
}
