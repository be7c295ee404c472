/** Pickles that call, recurse, explode or lie: refused by name and in no time, and nothing of them is run. */
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { Budget } from "../../src/formats/pytorch/pickle/budget.js";
import { unpickle } from "../../src/formats/pytorch/pickle/unpickle.js";
import { TorchBuilder } from "../../src/formats/pytorch/rebuild/torch-builder.js";
import { openModel } from "../../src/index.js";
import { readBytes } from "./support/read-fixture.js";
import {
  archive,
  bytes,
  call,
  dict,
  global,
  int,
  proto,
  stateDict,
  storage,
  tensor,
  text,
  tuple,
} from "./support/write-pickle.js";

const refusal = (file: Uint8Array) =>
  readBytes(file, "x.pt").then(
    () => "read",
    (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
  );

const within = async <T>(milliseconds: number, body: () => Promise<T>): Promise<T> => {
  const begin = performance.now();
  const result = await body();
  expect(performance.now() - begin).toBeLessThan(milliseconds);
  return result;
};

test("a file written here is read", async () => {
  const { found } = await readBytes(stateDict(tensor([2, 3])), "x.pt");
  expect([...(await found.get("fc.weight")!.read(0, 6))]).toEqual([0, 1, 2, 3, 4, 5]);
});

describe("calls", () => {
  const victims = [
    ["os", "system"],
    ["posix", "system"],
    ["nt", "system"],
    ["subprocess", "Popen"],
    ["builtins", "eval"],
    ["__builtin__", "exec"],
    ["builtins", "__import__"],
    ["builtins", "open"],
    ["builtins", "setattr"],
    ["importlib", "import_module"],
    ["runpy", "_run_code"],
    ["webbrowser", "open"],
    ["torch", "load"],
    ["torch.hub", "load"],
    ["torch.storage", "evil"],
    ["numpy", "load"],
    ["numpy.testing._private.utils", "runstring"],
    ["operator", "attrgetter"],
    ["functools", "reduce"],
    ["some.package", "run"],
    ["collections", "namedtuple"],
  ] as const;

  test.each(victims)("%s.%s, in every way that a pickle can call", async (module, name) => {
    const argument = text("touch pwned");
    const ways = [
      call(global(module, name), argument),
      bytes(text(module), text(name), "\x93", tuple(argument), "R"),
      bytes("(", argument, `i${module}\n${name}\n`),
      bytes("(", global(module, name), argument, "o"),
      // Wrapped in what is allowed.
      call(
        global("torch._tensor", "_rebuild_from_type_v2"),
        global(module, name),
        global("torch", "Tensor"),
        tuple(argument),
        "N",
      ),
      call(
        global("copyreg", "_reconstructor"),
        call(global(module, name), argument),
        global("builtins", "object"),
        "N",
      ),
      // Hidden where no weights are looked for, and thrown away at once.
      bytes(call(global(module, name), argument), "0", tensor([2, 3])),
    ];
    for (const way of ways) {
      for (const file of [stateDict(way), bytes(proto, dict({ "fc.weight": way }), ".")]) {
        const answer = await refusal(file);
        expect(answer).toMatch(/^invalid-file: x\.pt: .*was not run/);
        expect(answer).toContain(`${module}.${name}`);
      }
    }
  });

  test("a method of an allowed class, an attribute of a module", async () => {
    const getattr = global("builtins", "getattr");
    expect(await refusal(stateDict(call(call(getattr, global("os", "path"), text("join")), text("x"))))).toContain(
      "os.path",
    );
    expect(
      await refusal(stateDict(call(call(getattr, global("torch", "Tensor"), text("__reduce__")), text("x")))),
    ).toContain("torch.Tensor.__reduce__");
    expect(await refusal(stateDict(call(getattr, text("x"), text("y"))))).toContain("getattr");
    expect(await refusal(stateDict(call(call(getattr, global("builtins", "object"), text("x")), text("y"))))).toContain(
      "builtins.object.x",
    );
  });

  test("an instance of an unknown class is data: its weights are read, and its name says nothing", async () => {
    const made = bytes(global("my.net", "Net"), ")\x81", dict({ _parameters: dict({ w: tensor([2, 3]) }) }), "b");
    const { found } = await readBytes(archive(bytes(proto, made, "."), { 0: new Uint8Array(24) }), "x.pt");
    expect([...found.keys()]).toEqual(["w"]);
    const dangerous = bytes(
      global("subprocess", "Popen"),
      ")\x81",
      dict({ _parameters: dict({ w: tensor([2, 3]) }) }),
      "b",
    );
    expect(await refusal(archive(bytes(proto, dangerous, "."), { 0: new Uint8Array(24) }))).toContain(
      "subprocess.Popen",
    );
  });

  test("extension codes, out-of-band buffers, unknown opcodes", async () => {
    for (const code of ["\x82\x01", "\x83\x01\x00", "\x84\x01\x00\x00\x00", "\x97", "\x98", "\xff", "Z"]) {
      expect(await refusal(stateDict(code))).toMatch(/invalid-file: .*opcode 0x/);
    }
  });
});

describe("explosions", () => {
  test("a billion laughs, with a tensor at the bottom, is one tensor", async () => {
    const index = (n: number) => String.fromCharCode(n);
    const level = (n: number) => `](${`h${index(n)}`.repeat(10)}eq${index(n + 1)}0`;
    const levels = Array.from({ length: 60 }, (_, n) => level(n));
    const file = stateDict(bytes(tensor([2, 3]), "q\x00", "0", ...levels, `h${index(60)}`));
    const { found } = await within(2000, () => readBytes(file, "x.pt"));
    expect(found.size).toBe(1);
    expect([...(await [...found.values()][0]!.read(0, 2))]).toEqual([0, 1]);
  });

  test("a list and a dict that hold themselves", async () => {
    const list = bytes("]q\x01", "h\x01a", tensor([2, 3]), "a");
    const both = bytes("}q\x02", text("self"), "h\x02s", text("weight"), tensor([2, 3]), "s");
    for (const value of [list, both]) {
      const { found } = await within(2000, () => readBytes(stateDict(value), "x.pt"));
      expect(found.size).toBe(1);
    }
  });

  test("nesting without end", async () => {
    const depth = 200_000;
    for (const [open, close] of [
      ["]", "a"],
      ["", "\x85"],
    ] as const) {
      const value = bytes(open.repeat(depth), tensor([2, 3]), close.repeat(depth));
      expect(await within(5000, () => refusal(stateDict(value)))).toMatch(/nested deeper/);
    }
    expect(await within(5000, () => refusal(stateDict(bytes("(".repeat(depth), "."))))).toMatch(/within a mark/);
  });

  test("more values than memory: each kind is counted", () => {
    const copy = `${global("builtins", "list")}h\x01\x85R0`;
    const spent = (pickle: Uint8Array, units: number) => {
      const budget = new Budget(units);
      unpickle(bytes(proto, pickle, "."), 0, new TorchBuilder(budget), budget);
    };
    for (const [what, pickle] of Object.entries({
      dicts: bytes("}0".repeat(1000), "N"),
      marks: bytes("(".repeat(1000), "1".repeat(1000), "N"),
      memo: bytes("N", "\x94".repeat(1000)),
      copies: bytes("](", "N".repeat(1000), "eq\x010", copy.repeat(10), "N"),
      entries: bytes("}", "NNs".repeat(1000)),
      pushes: bytes("(", "N".repeat(3000), "t"),
    })) {
      expect(() => spent(pickle, 2000), what).toThrow(/more values than a checkpoint has/);
      expect(() => spent(pickle, 100_000), what).not.toThrow();
    }
  });

  test("two megabytes that ask for a gigabyte", async () => {
    const dicts = bytes("}0".repeat(1_100_000), tensor([2, 3]));
    expect(await within(10_000, () => refusal(stateDict(dicts)))).toMatch(
      /invalid-file: .*more values than a checkpoint has/,
    );
  });

  test("lengths and numbers that no file has", async () => {
    const most = "\xff\xff\xff\xff\xff\xff\xff\x7f";
    for (const code of ["\x8d", "\x8e", "\x96"])
      expect(await refusal(stateDict(bytes(code, most)))).toMatch(/cut short/);
    for (const code of ["X", "B", "T"])
      expect(await refusal(stateDict(bytes(code, "\xff\xff\xff\xff")))).toMatch(/cut short/);
    expect(await refusal(stateDict(bytes("\x8b\xff\xff\xff\x7f")))).toMatch(/integer of 2147483647 bytes/);
    expect(await refusal(stateDict(bytes("I", "9".repeat(60_000), "\n")))).toMatch(/for an integer/);
    expect(await refusal(stateDict(bytes("c", "a".repeat(70_000), "\nb\n")))).toMatch(/line of more than/);
    expect(await refusal(stateDict(bytes("j\xff\xff\xff\xff")))).toMatch(/never kept/);
    expect(await refusal(stateDict(bytes("Nr\xff\xff\xff\xff0", tensor([2, 3]))))).toBe("read");
  });
});

describe("tensors that lie", () => {
  test.each([
    ["beyond its storage", tensor([2, 3], { stored: storage("0", 5) }), /ends at number 6 of storage 0, which has 5/],
    ["offset beyond its storage", tensor([2, 3], { offset: 1, stored: storage("0", 6) }), /ends at number 7/],
    ["strides beyond its storage", tensor([2, 3], { strides: [1000, 1] }), /ends at number 1003/],
    ["more than is stored", tensor([2, 3], { stored: storage("0", 600) }), /600 numbers are claimed and 6 stored/],
    [
      "a storage that isn't there",
      tensor([2, 3], { stored: storage("7", 6) }),
      /storage 7, which the file doesn't hold/,
    ],
    ["a negative size", tensor([-2, 3], { stored: storage("0", 6) }), /no storage, offset, shape and strides/],
    ["negative strides", tensor([2, 3], { strides: [-3, 1], offset: 3 }), /no storage, offset, shape and strides/],
    ["too few strides", tensor([2, 3], { strides: [3] }), /no storage, offset, shape and strides/],
    ["no storage", tensor([2, 3], { stored: "N" }), /no storage, offset, shape and strides/],
    ["100 axes", tensor(new Array(100).fill(1), { stored: storage("0", 6) }), /no storage, offset, shape and strides/],
    ["a storage of another class", tensor([2, 3], { stored: storage("0", 6, "EvilStorage") }), /EvilStorage/],
    ["something else beside the pickle", bytes(tuple(text("file"), text("/etc/passwd")), "Q"), /no storage/],
  ])("%s", async (_, weight, message) => {
    const answer = await refusal(stateDict(weight));
    expect(answer).toMatch(message);
    expect(answer).toMatch(/^invalid-file: x\.pt: /);
  });

  test("a number that is repeated a billion times is left out", async () => {
    const { skipped } = await readBytes(
      stateDict(tensor([2 ** 30, 2 ** 30], { strides: [0, 0], stored: storage("0", 6) })),
      "x.pt",
    );
    expect(skipped[0]!.reason).toMatch(/repeats 6 stored numbers/);
  });
});

describe("other damage", () => {
  test.each([
    ["an empty pickle", new Uint8Array(0), /cut short/],
    ["no end", bytes(proto, "}"), /cut short/],
    ["nothing on the stack", bytes(proto, "."), /isn't there/],
    ["no mark", bytes(proto, "t."), /mark that isn't there/],
    ["protocol 9", bytes("\x80\x09}."), /protocol 9/],
    ["a key without a value", bytes(proto, "}(", text("a"), "u."), /key without a value/],
    ["entries of a list", bytes(proto, "](", text("a"), int(1), "u."), /no dict/],
    ["items of a dict", bytes(proto, "}(", text("a"), "e."), /no list/],
    ["state of a number", bytes(proto, int(1), "}b."), /state/],
    ["arguments that are no tuple", bytes(proto, global("collections", "OrderedDict"), int(1), "R."), /tuple/],
    ["a call of a number", bytes(proto, int(1), ")R."), /no class and no function/],
  ])("%s", async (_, pickle, message) => {
    expect(await refusal(archive(pickle))).toMatch(message);
  });
});

test("archives of PyTorch's that aren't read are named", async () => {
  for (const [names, what] of [
    [["m/archive_format", "m/models/model.json"], /torch\.export/],
    [["m/model.json", "m/tensors/0", "m/version"], /before 1\.4/],
    [["m/.data/extern_modules", "m/model/model.pkl"], /torch\.package/],
  ] as const) {
    const file = zipSync(Object.fromEntries(names.map((name) => [name, bytes("x")])));
    await expect(openModel(file, { name: "m.pt" })).rejects.toThrow(what);
  }
});
