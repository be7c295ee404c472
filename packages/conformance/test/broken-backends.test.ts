/** The suite can fail: each of these backends errs in one way, and the checks that should see it do. */
import { type Backend, EnergyError, type FloatArray, referenceBackend } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { conformanceChecks } from "../src/index.js";
import { type Handle, trackHandles } from "./support/track-handles.js";

const tolerance = { energy: 1e-12, gradient: 1e-10 };

interface Broken {
  readonly create: () => Backend<Handle>;
  readonly handles?: () => number;
  /** Checks that must see it, and what they must say. */
  readonly caught: Readonly<Record<string, RegExp>>;
}

/** The reference backend with some members replaced. */
const breaking =
  (replace: (right: Backend<Handle>) => Partial<Backend<Handle>>): (() => Backend<Handle>) =>
  () => {
    const right = referenceBackend();
    return { ...right, ...replace(right) };
  };

const scaled = ({ data, shape }: Handle, factor: number): Handle => ({ data: data.map((x) => factor * x), shape });
const mapped = ({ data, shape }: Handle, f: (x: number, n: number) => number): Handle => ({ data: data.map(f), shape });

const leaking = trackHandles();

const broken: Readonly<Record<string, Broken>> = {
  "the gradient has the wrong sign": {
    create: breaking((right) => ({
      pairwise: (of, pair) => {
        const result = right.pairwise(of, pair);
        return { ...result, gradient: scaled(result.gradient, -1) };
      },
    })),
    caught: {
      "pairwise and its Hessian product, apart": /gradient: got/,
      "pairwise against differences": /gradient: got/,
      "strategies against differences": /⟨gradient, T⟩: got/,
      "strategy none": /chordal s=2, half: step 0: ‖w‖·gradient: got/,
    },
  },
  "a kernel whose neurons are columns is taken for rows": {
    create: breaking((right) => ({
      pairwiseOfKernel: ({ count, dim, normEpsilon }, pair) => {
        return (numbers, times, into) => {
          const directions = right.directions(right.upload(numbers, [1, count, dim]), normEpsilon);
          const { energy, gradient } = right.pairwise(directions, pair);
          into.set(gradient.data.map((x) => times * Math.fround(x)));
          return energy.data[0]!;
        };
      },
    })),
    caught: { "pairwise of kernels where they lie, where offered": /columns: (energy|gradient): got/ },
  },
  "max takes the last maximum": {
    create: breaking((right) => ({
      reduce: (energies, how) => {
        const { energy, weights } = right.reduce(energies, how);
        if (how === "mean") return { energy, weights };
        const last = energies.data.lastIndexOf(energy.data[0]!);
        return { energy, weights: mapped(weights, (_, n) => (n === last ? 1 : 0)) };
      },
    })),
    caught: { "linear operations": /reduce max, a tie of the largest: weights: got 0 at 1, expected 1/ },
  },
  "an infinite number at the end isn't seen": {
    create: breaking(() => ({ allFinite: (data) => data.subarray(0, -1).every(Number.isFinite) })),
    caught: { "what it says of itself": /allFinite: got true for 1 numbers with NaN at 0/ },
  },
  "scopes free nothing": {
    create: () => ({ ...leaking.backend, scope: (body) => body() }),
    handles: leaking.handles,
    caught: {
      scope: /frees what isn't returned: nothing returned: 3 handles more/,
      "handles stay as many as they were": /none: \d+ handles more/,
    },
  },
  "reading frees nothing": {
    create: () => ({ ...leaking.backend, download: referenceBackend().download }),
    handles: leaking.handles,
    caught: { scope: /download left what it read/, "handles stay as many as they were": /handles more/ },
  },
  "uploads of a shape are made once": {
    create: breaking((right) => {
      const kept = new Map<string, Handle>();
      return {
        upload: (data, shape) => {
          const key = shape.join("×");
          const handle = kept.get(key) ?? right.upload(data, shape);
          kept.set(key, handle);
          return handle;
        },
      };
    }),
    caught: { "two inputs in turns": /none: the second input gave/, "strategy none": /step 1: energy: got/ },
  },
  "results share one buffer": {
    create: breaking((right) => {
      const buffer = new Float64Array(1000);
      return {
        download: (arrays) => {
          const read = Object.entries(right.download(arrays) as Record<string, FloatArray>).map(([name, data]) => {
            buffer.set(data);
            return [name, buffer.subarray(0, data.length)] as const;
          });
          return Object.fromEntries(read) as { [K in keyof typeof arrays]: FloatArray };
        },
      };
    }),
    caught: { "upload and download": /whole: got/ },
  },
  "ε is ignored": {
    create: breaking((right) => ({
      directions: (rows, normEpsilon) => ({ ...right.directions(rows, 0), normEpsilon }),
    })),
    caught: {
      directions: /plain, ε = 0.5: unit rows: got/,
      "pairwise and its Hessian product, apart": /chordal s=2, half, ε = 0.0001: energy/,
    },
  },
  "ε is forgotten after the directions": {
    create: breaking((right) => ({
      pairwise: (of, pair) => right.pairwise({ ...of, normEpsilon: 0 }, pair),
    })),
    caught: {
      "pairwise and its Hessian product, apart": /chordal s=2, half, ε = 0.0001: energy/,
    },
  },
  "half space is taken as full": {
    create: breaking((right) => ({ pairwise: (of, pair) => right.pairwise(of, { ...pair, space: "full" }) })),
    caught: { "pairwise and its Hessian product, apart": /half, ε = 0: energy/, "many rows": /half space: energy/ },
  },
  "the floor is ignored": {
    create: breaking((right) => ({
      pairwise: (of, pair) => right.pairwise(of, { ...pair, separationFloor: pair.separationFloor / 10 }),
    })),
    caught: {
      "pairwise and its Hessian product, below the floor": /energy/,
      "close rows": /equal rows, chordal s=2, full, ε = 0: step 0: energy/,
    },
  },
  "coincidences are passed over": {
    create: breaking((right) => ({
      pairwise: (of, pair) => right.pairwise(of, { ...pair, separationFloor: pair.separationFloor || 1e-6 }),
    })),
    caught: { "separationFloor 0": /chordal, half: coincident rows are named: expected an error, got energy/ },
  },
  "the bare formula isn't there, and nobody says so": {
    create: breaking((right) => ({
      pairwise: (of, pair) => {
        if (pair.separationFloor > 0) return right.pairwise(of, pair);
        throw new EnergyError("unsupported", "no bare formula");
      },
    })),
    caught: { "separationFloor 0": /refused as "unsupported": no bare formula \(.*list it under `skip`/ },
  },
  "energies alone leave the opposites out": {
    create: breaking((right) => ({
      pairwise: ((of, pair, options) =>
        right.pairwise(
          of,
          options?.gradient === false ? { ...pair, space: "full" } : pair,
          options,
        )) as Backend<Handle>["pairwise"],
    })),
    caught: {
      "energy alone, apart": /chordal s=2, half, ε = 0: energy/,
      "energy alone, shapes": /257 rows, chordal s=2, half: energy/,
      "energy alone, strategies": /energy/,
    },
  },
  "energies alone ignore a sample's population": {
    create: breaking((right) => ({
      pairwise: ((of, { population, ...pair }, options) =>
        right.pairwise(
          of,
          options?.gradient === false || population === undefined ? pair : { ...pair, population },
          options,
        )) as Backend<Handle>["pairwise"],
    })),
    caught: { "energy alone, apart": /chordal s=2, half, of a sample, ε = 0: energy/ },
  },
  "sums of distances have the sign of inverse ones": {
    create: breaking((right) => ({
      pairwise: ((of, pair, options) => {
        const result = right.pairwise(of, pair, options);
        const { potential } = pair;
        const isConcave = potential.kind === "riesz" && potential.s < 0;
        return isConcave ? { ...result, energy: scaled(result.energy, -1) } : result;
      }) as Backend<Handle>["pairwise"],
    })),
    caught: {
      "pairwise and its Hessian product, apart": /chordal s=-1.6, full, ε = 0: energy/,
      "energy alone, apart": /chordal s=-1.6, full, ε = 0: energy/,
    },
  },
  "frame potentials of any exponent are the square": {
    create: breaking((right) => ({
      pairwise: ((of, pair, options) => {
        const isFrame = pair.potential.kind === "frame";
        return right.pairwise(of, isFrame ? { ...pair, potential: { kind: "frame", p: 2 } } : pair, options);
      }) as Backend<Handle>["pairwise"],
    })),
    caught: {
      "pairwise and its Hessian product, apart": /frame p=2.5, full, ε = 0: energy/,
      "energy alone, apart": /frame p=2.5, full, ε = 0: energy/,
    },
  },
  "statistics take the nearest row by c where lines are asked for": {
    create: breaking((right) => ({
      statistics: (of, request) =>
        right.statistics!(of, { ...request, nearest: request.nearest === undefined ? undefined : "full" }),
    })),
    caught: { "statistics of pairs": /nearest/ },
  },
  "statistics count angles from the second bin on": {
    create: breaking((right) => ({
      async statistics(of, request) {
        const found = await right.statistics!(of, request);
        return found.map((each) => ({
          ...each,
          angles: Float64Array.from([...each.angles.subarray(1), each.angles[0]!]),
        }));
      },
    })),
    caught: { "statistics of pairs": /angles: \d+ pairs up to edge/ },
  },
  "statistics of a batch are those of its first entry": {
    create: breaking((right) => ({
      async statistics(of, request) {
        const [first, ...others] = await right.statistics!(of, request);
        return [first!, ...others.map(() => first!)];
      },
    })),
    caught: { "statistics of a batch": /./ },
  },
  "statistics count every row within the chord as a pair": {
    create: breaking((right) => ({
      async statistics(of, request) {
        const found = await right.statistics!(of, request);
        return found.map((each) => ({ ...each, pairsWithin: each.rowsWithin }));
      },
    })),
    caught: { "statistics of pairs": /within/ },
  },
  "long rows overflow": {
    create: breaking((right) => ({
      directions: (rows, normEpsilon) => {
        const made = right.directions(rows, normEpsilon);
        const overflows = rows.data.some((x) => Math.abs(x) > 1e19);
        return overflows ? { ...made, unit: scaled(made.unit, 0) } : made;
      },
    })),
    caught: { directions: /rows of norm 1e30, ε = 0: unit rows/, "rows of any length": /norms of 1e30/ },
  },
  "zero rows give NaN": {
    create: breaking((right) => ({
      directions: (rows, normEpsilon) => {
        const made = right.directions(rows, normEpsilon);
        return { ...made, unit: mapped(made.unit, (x, n) => (rows.data[n] === 0 ? Number.NaN : x)) };
      },
    })),
    caught: { directions: /zero rows, ε = 0: unit rows: got NaN/, "a zero row under every strategy": /non-finite/ },
  },
  "the Hessian product is a percent off": {
    create: breaking((right) => ({
      pairwiseProduct: (saved, vector) => scaled(right.pairwiseProduct(saved, vector), 1.01),
    })),
    caught: {
      "pairwise and its Hessian product, near": /Hessian product: got/,
      "pairwise against differences": /product: got/,
      "strategy adversarial, unrolled": /gradient: got/,
    },
  },
  "the Hessian product is of the last pairwise": {
    create: breaking((right) => {
      let last: unknown;
      return {
        pairwise: (of, pair) => {
          const result = right.pairwise(of, pair);
          last = result.saved;
          return result;
        },
        pairwiseProduct: (_saved, vector) => right.pairwiseProduct(last, vector),
      };
    }),
    caught: { "what pairwise saves": /first: got/, "strategy adversarial, unrolled": /gradient: got/ },
  },
  "the reference set's share of the mismatch is missing": {
    create: breaking((right) => ({
      mismatchProduct: (saved, vector) => {
        const { rows, reference } = right.mismatchProduct(saved, vector);
        return { rows, reference: scaled(reference, 0) };
      },
    })),
    caught: {
      "mismatch and its Hessian products, apart": /onReference: got 0/,
      "mismatch against differences": /share: got 0/,
      "strategy angle-preserving angle mean, unrolled": /gradient/,
    },
  },
  "the root of the mismatch isn't taken": {
    create: breaking((right) => ({ mismatch: (x, z, spec) => right.mismatch(x, z, { ...spec, form: "mean" }) })),
    caught: { "mismatch and its Hessian products, apart": /root, one reference set, ε = 0: loss/ },
  },
  "the sum over the batch takes the first": {
    create: breaking((right) => ({
      matmul: (a, b, { sumBatch, ...options } = {}) => {
        const product = right.matmul(a, b, options);
        if (!sumBatch) return product;
        const [, rows, columns] = product.shape as [number, number, number];
        return { data: product.data.slice(0, rows * columns), shape: [1, rows, columns] };
      },
    })),
    caught: {
      "linear operations": /matmul sumBatch, batches of 3 and 3/,
      "strategy random gaussian, mean": /gradient/,
    },
  },
  "combine works in place": {
    create: breaking((right) => ({
      combine: (terms) => {
        const result = right.combine(terms);
        const first = terms[0]![1];
        if (first.data.length === result.data.length) first.data.set(result.data);
        return result;
      },
    })),
    caught: { "linear operations": /operands stay as they are: scaled: got/ },
  },
  "columns that land together replace each other": {
    create: breaking((right) => ({
      scatterColumns: (array, index, dim) => {
        const only = index.map((target, n) => (index.indexOf(target, n + 1) < 0 ? target : -1));
        return right.scatterColumns(array, only, dim);
      },
    })),
    caught: { "gatherColumns and scatterColumns": /one column twice in a group: scattered/ },
  },
  "padding is the first column": {
    create: breaking((right) => ({
      gatherColumns: (array, index, columns) =>
        right.gatherColumns(
          array,
          index.map((source) => Math.max(source, 0)),
          columns,
        ),
    })),
    caught: { "gatherColumns and scatterColumns": /padded: gathered/, "strategy group, contiguous": /energy/ },
  },
  "a sketch loses its signs on the way back": {
    create: breaking((right) => ({
      sketchBack: (projected, sketch) =>
        right.sketchBack!(projected, { ...sketch, signs: sketch.signs.map((sign) => Math.abs(sign)) }),
    })),
    caught: {
      "sketch and sketchBack, where offered": /count-sketch: back/,
      "strategy random hadamard, mean": /gradient/,
    },
  },
  "a sketch without its way back": {
    create: () => {
      const { sketchBack: _, ...rest } = referenceBackend();
      return rest;
    },
    caught: { "what it says of itself": /sketch and sketchBack: expected both or neither/ },
  },
  "an objective's gradient is half of it": {
    create: breaking((right) => ({
      objective: (rows, task) => {
        const { value, gradient } = right.objective!(rows, task);
        return { value, gradient: scaled(gradient, 0.5) };
      },
    })),
    caught: { "objectives of others, where offered": /orthogonality rows, ε = 0, of batches: gradient/ },
  },
  "float64 is rounded to float32": {
    create: breaking((right) => ({
      upload: (data, shape) => right.upload(Float32Array.from(data), shape),
    })),
    caught: { "upload and download": /float64, rounded .*: data: got/, "pairwise against differences": /gradient/ },
  },
  "sums come in another order each time": {
    create: breaking((right) => ({
      pairwise: (of, pair) => {
        const result = right.pairwise(of, pair);
        return { ...result, energy: mapped(result.energy, (x) => x * (1 + 4e-16 * Math.floor(3 * Math.random()))) };
      },
    })),
    caught: { "20 calls give the same bits": /none: call \d+, energy/ },
  },
  "errors in a scope are swallowed": {
    create: breaking(() => ({
      scope: <R>(body: () => R) => {
        try {
          return body();
        } catch {
          return undefined as R;
        }
      },
    })),
    caught: { scope: /the body's error was swallowed/ },
  },
  "disposing of one instance stops all": {
    create: (() => {
      const shared = { stopped: false };
      return breaking((right) => ({
        pairwise: (of, pair) => {
          if (shared.stopped) throw new Error("stopped");
          return right.pairwise(of, pair);
        },
        dispose: () => {
          shared.stopped = true;
        },
      }));
    })(),
    caught: { instances: /disposing of one, twice, leaves the others alone: stopped/ },
  },
  "disposing twice fails": {
    create: breaking(() => {
      let disposed = false;
      return {
        dispose: async () => {
          if (disposed) throw new Error("disposed already");
          disposed = true;
        },
      };
    }),
    caught: { instances: /disposed already/ },
  },
};

describe.each(Object.entries(broken))("%s", (name, { create, handles, caught }) => {
  const checks = conformanceChecks({ name, create, tolerance, ...(handles && { handles }) });

  it.each(Object.entries(caught))("is seen by: %s", async (title, says) => {
    const check = checks.find((each) => each.name === title);
    expect(check, `no check "${title}"`).toBeDefined();
    const failure = await check!.run(create()).then(
      () => "passed",
      (error: Error) => error.message,
    );
    expect(failure).toMatch(says);
  });
});
