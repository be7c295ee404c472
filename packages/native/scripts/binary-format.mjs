// What a binary says of itself, read from its first bytes: for which system and processor it is. And the functions that Node looks for in it.

const elfMachines = { 62: "x64", 183: "arm64" };
const machCpus = { 16777223: "x64", 16777228: "arm64" };
const peMachines = { 34404: "x64", 43620: "arm64" };

/** `{ os, cpu }`, as Node calls them; ELF files are taken for Linux. */
export function formatOf(bytes) {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return { os: "linux", cpu: elfMachines[bytes.readUInt16LE(18)] };
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return { os: "darwin", cpu: machCpus[bytes.readUInt32LE(4)] };
  if (bytes.readUInt16LE(0) === 0x5a4d) {
    const header = bytes.readUInt32LE(60);
    if (bytes.readUInt32BE(header) === 0x50450000)
      return { os: "win32", cpu: peMachines[bytes.readUInt16LE(header + 4)] };
  }
  return { os: "unknown", cpu: "unknown" };
}

/** Whether the name that Node calls first is in the binary's tables of names. */
export function exportsModule(bytes) {
  return bytes.includes("napi_register_module_v1\0");
}
