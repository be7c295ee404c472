/**
 * Python pickles, as far as data goes. A pickle is a program for a little stack machine, and two of its instructions
 * call any Python function by name; here they may only call those that the caller gives, so that a hostile file can do
 * nothing. Every length is checked against the bytes that are there, nothing recurses, and dictionaries are `Map`s, so that
 * no key is special.
 *
 * Protocols 2 to 5, without persistent ids, extensions and out-of-band buffers. Strings of Python 2 are bytes; they stay
 * bytes. Instructions: CPython's `Lib/pickletools.py`. The one package that reads pickles on npm (pickleparser 0.2) hasn't
 * changed since 2024 and decodes Python 2's strings as UTF-8, in which the pixels of CIFAR-100 don't survive.
 */

/** What stands for a class or a function of Python. */
export interface PickleGlobal {
  /** Called with a tuple of arguments. */
  readonly call: (...args: readonly PickleValue[]) => PickleValue;
}

/** An object that a state is given to after it has been made. */
export interface PickleObject {
  setState(state: PickleValue): void;
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleGlobal
  | PickleObject;

/** By module and name, such as `numpy.dtype`. */
export type PickleGlobals = Readonly<Record<string, PickleGlobal>>;

/** Stands on the stack where a MARK was. */
const MARK = Symbol("mark");

/** @throws Error that says what is wrong, and at which byte */
export function readPickle(bytes: Uint8Array, globals: PickleGlobals): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: (PickleValue | typeof MARK)[] = [];
  const memo = new Map<number, PickleValue>();
  let at = 0;

  const fail = (problem: string): never => {
    throw new Error(`expected a Python pickle, ${problem} at byte ${at}.`);
  };
  const need = (length: number): number => {
    if (length > bytes.length - at)
      fail(`got ${bytes.length} bytes, ${length} more needed: the file is cut short or damaged,`);
    const start = at;
    at += length;
    return start;
  };
  const uint8 = () => view.getUint8(need(1));
  const uint16 = () => view.getUint16(need(2), true);
  const uint32 = () => view.getUint32(need(4), true);
  const int32 = () => view.getInt32(need(4), true);
  const uint64 = (): number => {
    const value = view.getBigUint64(need(8), true);
    return value > BigInt(bytes.length) ? (fail(`got a length of ${value}`) as never) : Number(value);
  };
  const raw = (length: number): Uint8Array => {
    const start = need(length);
    return bytes.subarray(start, start + length);
  };
  const text = (length: number) => new TextDecoder("utf-8").decode(raw(length));
  const line = (): string => {
    const end = bytes.indexOf(10, at);
    if (end < 0) return fail("got a name without an end");
    const value = text(end - at);
    at++;
    return value;
  };
  const pop = (): PickleValue => {
    const value = stack.pop();
    return value === undefined || value === MARK ? fail("its stack is empty") : value;
  };
  const top = (): PickleValue => {
    const value = stack.at(-1);
    return value === undefined || value === MARK ? fail("its stack is empty") : value;
  };
  const popToMark = (): PickleValue[] => {
    const mark = stack.lastIndexOf(MARK);
    if (mark < 0) fail("a mark is missing");
    const values = stack.splice(mark + 1) as PickleValue[];
    stack.pop();
    return values;
  };
  const remembered = (index: number): PickleValue =>
    memo.has(index) ? memo.get(index)! : fail(`got a reference to object ${index}, which isn't there`);
  const find = (module: string, name: string): PickleGlobal => {
    const known = Object.hasOwn(globals, `${module}.${name}`) ? globals[`${module}.${name}`] : undefined;
    return known ?? fail(`which wants ${module}.${name}, something other than data: refused`);
  };
  const reduce = () => {
    const args = pop();
    const callee = pop();
    if (!Array.isArray(args) || !isGlobal(callee)) return fail("got a call of what isn't a function");
    stack.push(callee.call(...args));
  };
  const append = (values: PickleValue[]) => {
    const list = top();
    if (!Array.isArray(list)) return fail("got items for what isn't a list");
    for (const value of values) list.push(value);
  };
  const setItems = (values: PickleValue[]) => {
    const map = top();
    if (!(map instanceof Map) || values.length % 2 !== 0) return fail("got items for what isn't a dictionary");
    for (let n = 0; n < values.length; n += 2) map.set(keyOf(values[n]!), values[n + 1]!);
  };
  const build = () => {
    const state = pop();
    const object = top();
    if (!isObject(object)) return fail("got a state for what takes none");
    object.setState(state);
  };
  const long = (length: number): number | bigint => {
    if (length > 8) return fail(`got a whole number of ${length} bytes`);
    let value = 0n;
    raw(length).forEach((byte, n) => {
      value |= BigInt(byte) << BigInt(8 * n);
    });
    const signed = BigInt.asIntN(Math.max(1, 8 * length), value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  };

  const instructions: Readonly<Record<number, () => unknown>> = {
    128: () => {
      const protocol = uint8();
      if (protocol < 2 || protocol > 5) fail(`got protocol ${protocol}, known are 2 to 5,`);
    },
    // FRAME: a hint for readers of streams.
    149: () => need(8),
    40: () => stack.push(MARK),
    48: () => stack.pop(),
    49: () => popToMark(),
    50: () => stack.push(top()),
    78: () => stack.push(null),
    136: () => stack.push(true),
    137: () => stack.push(false),
    74: () => stack.push(int32()),
    75: () => stack.push(uint8()),
    77: () => stack.push(uint16()),
    71: () => stack.push(view.getFloat64(need(8), false)),
    138: () => stack.push(long(uint8())),
    139: () => stack.push(long(uint32())),
    // Strings of Python 2, and bytes.
    84: () => stack.push(raw(uint32())),
    85: () => stack.push(raw(uint8())),
    66: () => stack.push(raw(uint32())),
    67: () => stack.push(raw(uint8())),
    142: () => stack.push(raw(uint64())),
    150: () => stack.push(raw(uint64())),
    // Text.
    88: () => stack.push(text(uint32())),
    140: () => stack.push(text(uint8())),
    141: () => stack.push(text(uint64())),
    // Collections; tuples are lists.
    93: () => stack.push([]),
    41: () => stack.push([]),
    125: () => stack.push(new Map()),
    116: () => stack.push(popToMark()),
    108: () => stack.push(popToMark()),
    133: () => stack.push([pop()]),
    134: () => stack.push([pop(), pop()].reverse()),
    135: () => stack.push([pop(), pop(), pop()].reverse()),
    97: () => append([pop()]),
    101: () => append(popToMark()),
    115: () => setItems([pop(), pop()].reverse()),
    117: () => setItems(popToMark()),
    // What was seen before.
    113: () => memo.set(uint8(), top()),
    114: () => memo.set(uint32(), top()),
    148: () => memo.set(memo.size, top()),
    104: () => stack.push(remembered(uint8())),
    106: () => stack.push(remembered(uint32())),
    // Calls.
    99: () => stack.push(find(line(), line())),
    147: () => {
      const name = pop();
      const module = pop();
      stack.push(find(String(module), String(name)));
    },
    82: reduce,
    98: build,
  };

  for (;;) {
    const opcode = uint8();
    if (opcode === 46) return pop();
    const instruction = instructions[opcode];
    if (!instruction) {
      at--;
      fail(`got the instruction 0x${opcode.toString(16).padStart(2, "0")}, which isn't one of data,`);
    }
    instruction!();
  }
}

/** Keys that Python 2 wrote as bytes and Python 3 as text are the same ones here. */
function keyOf(key: PickleValue): PickleValue {
  return key instanceof Uint8Array ? String.fromCharCode(...key.subarray(0, 200)) : key;
}

function isGlobal(value: PickleValue): value is PickleGlobal {
  return typeof value === "object" && value !== null && "call" in value;
}

function isObject(value: PickleValue): value is PickleObject {
  return typeof value === "object" && value !== null && "setState" in value;
}
