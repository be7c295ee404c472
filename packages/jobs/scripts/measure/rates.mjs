/** Pairs a second of one core, by a backend's own pass and one by one, rows drawn on the fly included. */
import { PieceRunner, pairsOf, pieceAt, planTable } from "@comhe/jobs";
import { nativeBackend } from "@comhe/native";
import { wasmBackend } from "@comhe/wasm";

export async function rates() {
  for (const backend of [nativeBackend({ threads: 1 }), wasmBackend({ threads: 1 })]) {
    const withoutPass = Object.assign(Object.create(backend), { statistics: undefined });
    for (const [what, chosen, gradient] of [
      ["energy, own pass", backend, false],
      ["energy, one by one", withoutPass, false],
      ["energy and gradient", backend, true],
    ]) {
      const plan = planTable(
        { space: "half" },
        { seed: 1, count: 1_000_000, dim: 64 },
        { block: 4096, strip: 2, gradient },
      );
      const runner = new PieceRunner({ backend: chosen, allow: async (path) => path });
      let best = 0;
      for (let n = 1; n < 5; n++) {
        const piece = pieceAt(plan, n);
        const before = process.cpuUsage();
        await runner.run(plan, piece);
        const { user, system } = process.cpuUsage(before);
        best = Math.max(best, pairsOf(plan, piece.task) / (user + system));
      }
      console.log(
        `rates: ${backend.name} ${backend.isa ?? backend.build}, ${what}: ${best.toFixed(0)} million pairs a second of CPU time`,
      );
    }
  }
}
