/** `scope` frees what its body made and did not return; `download` frees what it read. */
import type { Backend } from "@comhe/core";
import { assert, assertIdentical } from "../compare/assert.js";
import { uploadRows } from "../compare/operation.js";
import { normalRows } from "../inputs/rows.js";
import type { Case, CheckFamily } from "../suite/check.js";

const rows = normalRows(2, 3, 4);
const doubled = rows.data.map((value) => 2 * value);

const times = <A>(backend: Backend<A>, factor: number, array: A) => backend.combine([[factor, array]]);

const returns: readonly Case[] = [
  {
    name: "returns what its body returns",
    async run(backend) {
      assert(backend.scope(() => 42) === 42, "a number");
      assert(backend.scope(() => undefined) === undefined, "nothing");
      const nested = backend.scope(() => {
        const array = uploadRows(backend, rows);
        return { label: "kept", inside: { list: [times(backend, 2, array), times(backend, 3, array)] } };
      });
      assert(nested.label === "kept", "a string in an object");
      const [two, three] = nested.inside.list;
      const read = await backend.download({ two: two!, three: three! });
      assertIdentical(read.two, doubled, "a handle in an array in an object");
      assert(Math.abs(read.three[0]! - 3 * rows.data[0]!) < 1e-5, "the second handle of the array");
    },
  },
  {
    name: "nests, and leaves outer handles alone",
    async run(backend) {
      const result = backend.scope(() => {
        const outer = uploadRows(backend, rows);
        const inner = backend.scope(() => times(backend, 4, times(backend, 0.25, outer)));
        return backend.combine([
          [1, outer],
          [1, inner],
        ]);
      });
      assertIdentical((await backend.download({ result })).result, doubled, "sum of an outer and an inner handle");
    },
  },
  {
    name: "passes an error on, and works afterwards",
    async run(backend) {
      failInScope(backend);
      const result = backend.scope(() => times(backend, 2, uploadRows(backend, rows)));
      assertIdentical((await backend.download({ result })).result, doubled, "result");
    },
  },
];

function failInScope<A>(backend: Backend<A>): void {
  const failure = new Error("of the body");
  try {
    backend.scope(() => {
      times(backend, 2, uploadRows(backend, rows));
      throw failure;
    });
  } catch (error) {
    assert(error === failure, `expected the body's own error, got ${error}`);
    return;
  }
  throw new Error("the body's error was swallowed");
}

/** With a counter of handles. */
function frees(handles: () => number): readonly Case[] {
  const flat = async (what: string, body: () => Promise<unknown> | unknown) => {
    // The first time may make constants that are kept.
    await body();
    const before = handles();
    await body();
    const left = handles() - before;
    assert(left === 0, `${what}: ${left} handles more than before`);
  };
  return [
    {
      name: "frees what isn't returned",
      async run(backend) {
        await flat("nothing returned", () => {
          backend.scope(() => {
            times(backend, 2, times(backend, 3, uploadRows(backend, rows)));
          });
        });
        await flat("one of three returned, and read", async () => {
          const result = backend.scope(() => times(backend, 2, times(backend, 3, uploadRows(backend, rows))));
          await backend.download({ result });
        });
      },
    },
    {
      name: "keeps what is returned until it is read",
      async run(backend) {
        const before = handles();
        const result = backend.scope(() => times(backend, 2, uploadRows(backend, rows)));
        assert(handles() > before, "the counter doesn't see a handle that is alive");
        await backend.download({ result });
        assert(handles() <= before, "download left what it read");
      },
    },
    {
      name: "frees after an error",
      run: (backend) => flat("after an error", () => failInScope(backend)),
    },
  ];
}

export function scopeChecks(handles: (() => number) | undefined): CheckFamily {
  return { name: "scope", cases: handles ? [...returns, ...frees(handles)] : returns };
}
