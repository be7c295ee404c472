/** `comhe jobs status`, `cancel` and `resume`. */
import { counted, printable } from "@comhe/audit/text";
import { cancelPlan, connectTo, findPlan, type PlanStatus, resumePlan, statusOf } from "@comhe/jobs/nats";
import { ExitCode } from "../command/exit-code.js";
import { printResult } from "../command/write-result.js";

async function connected<T>(
  address: string,
  use: (connection: Awaited<ReturnType<typeof connectTo>>) => Promise<T>,
): Promise<T> {
  const connection = await connectTo(address);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

export async function statusCommand(address: string, { json = false }: { json?: boolean }): Promise<number> {
  const plans = await connected(address, statusOf);
  printResult(
    json ? `${JSON.stringify(plans, null, 2)}\n` : plans.length === 0 ? "No plans.\n" : plans.map(describe).join("\n"),
  );
  return ExitCode.ok;
}

function describe({ plan, kind, state, pieces, done, waiting, underWay, workers, dead, refusals }: PlanStatus): string {
  const lines = [
    `${plan.slice(0, 8)}  ${kind}, ${state}: ${done} of ${counted(pieces, "piece")} on the server, ${underWay} under way, ${waiting} waiting`,
    ...workers.map(({ worker, backend, done: own, pieces: at }) => {
      const busy = at.map(({ number, share }) => `${number} (${Math.round(100 * share)} %)`).join(", ") || "nothing";
      return `  ${worker}, ${backend}: ${own} done, at ${busy}`;
    }),
    ...dead.map(
      ({ number, tries, worker, error }) =>
        `  piece ${number} was given up after ${tries} tries, last by ${worker}: ${error}`,
    ),
    ...refusals.map(({ worker, reason }) => `  ${worker} doesn't take part: ${reason}`),
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

export async function cancelCommand(address: string, start: string): Promise<number> {
  await connected(address, async (connection) => cancelPlan(connection, await findPlan(connection, start)));
  printResult("Cancelled. What is done is kept; `comhe jobs resume`, or the command that began it, goes on.\n");
  return ExitCode.ok;
}

export async function resumeCommand(address: string, start: string): Promise<number> {
  const given = await connected(address, async (connection) =>
    resumePlan(connection, await findPlan(connection, start)),
  );
  printResult(
    `Resumed${given > 0 ? `, with another chance for ${counted(given, "piece")} that had been given up` : ""}.\n`,
  );
  return ExitCode.ok;
}
