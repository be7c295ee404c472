/**
 * Gives every array of the reference backend a lifetime, as an engine with memory of its own does: counted, freed by scopes
 * and by reading, and unusable afterwards.
 */
import { type Backend, referenceBackend } from "@comhe/core";

export type Handle = ReturnType<ReturnType<typeof referenceBackend>["upload"]>;

const operations = [
  ...["upload", "matmul", "combine", "scaleBatch", "reduce", "gatherColumns", "scatterColumns", "sketch", "sketchBack"],
  ...["directions", "pairwise", "pairwiseProduct", "mismatch", "mismatchProduct", "objective"],
] as const;

export interface Tracked {
  readonly backend: Backend<Handle>;
  /** Handles alive. */
  readonly handles: () => number;
}

export function trackHandles(backend: Backend<Handle> = referenceBackend()): Tracked {
  const alive = new Set<Handle>();
  /** What each open scope made, the innermost last. */
  const scopes: Set<Handle>[] = [];

  const use = (value: unknown) => {
    for (const handle of handlesIn(value))
      if (!alive.has(handle)) throw new Error("a handle was used after it was freed");
  };
  const register = (value: unknown) => {
    for (const handle of handlesIn(value)) {
      alive.add(handle);
      scopes.at(-1)?.add(handle);
    }
  };
  const tracked = Object.fromEntries(
    operations.map((name) => {
      const operation = backend[name as keyof typeof backend] as (...operands: unknown[]) => unknown;
      const run = (...operands: unknown[]) => {
        // What earlier calls saved is the backend's own.
        use(name.endsWith("Product") ? operands.slice(1) : operands);
        const result = operation(...operands);
        register(result);
        return result;
      };
      return [name, run];
    }),
  );
  return {
    handles: () => alive.size,
    backend: {
      ...backend,
      ...tracked,
      download(arrays) {
        use(arrays);
        for (const handle of Object.values(arrays)) alive.delete(handle);
        return backend.download(arrays);
      },
      scope(body) {
        const made = new Set<Handle>();
        scopes.push(made);
        let returned: readonly Handle[] = [];
        try {
          const result = body();
          returned = handlesIn(result);
          return result;
        } finally {
          scopes.pop();
          for (const handle of made) {
            if (returned.includes(handle)) scopes.at(-1)?.add(handle);
            else alive.delete(handle);
          }
        }
      },
    },
  };
}

/** Handles in nested objects and arrays. */
function handlesIn(value: unknown): Handle[] {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  if ("data" in value && "shape" in value) return [value as Handle];
  return Object.entries(value).flatMap(([key, entry]) => (key === "saved" ? [] : handlesIn(entry)));
}
