/** A device whose limits are smaller than its own: it says so, and refuses what is beyond them as a device of that kind would. */

interface SmallLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

export function smallDevice(device: GPUDevice, small: SmallLimits): GPUDevice {
  const limits = new Proxy(device.limits, {
    get: (of, name) => (name in small ? small[name as keyof SmallLimits] : Reflect.get(of, name, of)),
  });
  const check = (what: string, bytes: number, limit: number) => {
    if (bytes > limit) throw new RangeError(`${what} of ${bytes} bytes, the limit is ${limit}`);
  };
  const refusing: Partial<GPUDevice> = {
    limits,
    createBuffer: (of) => {
      check("a buffer", of.size, small.maxBufferSize);
      return device.createBuffer(of);
    },
    createBindGroup: (of) => {
      for (const { resource } of of.entries) {
        const { buffer, size } = resource as GPUBufferBinding;
        check("a binding", size ?? buffer.size, small.maxStorageBufferBindingSize);
      }
      return device.createBindGroup(of);
    },
  };
  return new Proxy(device, {
    get: (of, name) => {
      const value = name in refusing ? refusing[name as keyof GPUDevice] : Reflect.get(of, name, of);
      return typeof value === "function" && !(name in refusing) ? value.bind(of) : value;
    },
  });
}
