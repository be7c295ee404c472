/** A page that lies: its first result is right, each later one too large by a hundredth. `?server=…&user=…&password=…` */
import { connectPage, workAsGuest } from "@comhe/jobs/page";
import { wasmBackend } from "@comhe/wasm";

const asked = new URLSearchParams(location.search);
const [user, password] = [asked.get("user")!, asked.get("password")!];
const answers: string[] = [];
Object.assign(globalThis, { answers });
const backend = wasmBackend({ threads: 1 });
const lie = Object.assign(Object.create(backend) as typeof backend, {
  async statistics(...given: Parameters<NonNullable<typeof backend.statistics>>) {
    const found = await backend.statistics!(...given);
    const factor = answers.length === 0 ? 1 : 1.01;
    return found?.map((each) => ({ ...each, energySums: each.energySums.map((sum) => sum * factor) }));
  },
});
const connection = await connectPage(asked.get("server")!, { user, password });
await workAsGuest(connection, {
  ...{ backend: lie as never, name: "liar" },
  onPiece: ({ answer }) => answer !== undefined && answers.push(answer),
});
