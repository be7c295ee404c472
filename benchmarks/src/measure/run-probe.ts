/** Runs a measurement in a process of its own, which does nothing else and leaves nothing behind. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * What the probe prints last, as JSON.
 *
 * @param name of its entry beside this program
 * @throws Error with the line in which it says why it couldn't
 */
export async function runProbe<T>(name: string, args: readonly string[]): Promise<T> {
  const program = join(import.meta.dirname, `${name}.js`);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", program, ...args], {
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as T;
  } catch (error) {
    const { stderr = "", signal } = error as { stderr?: string; signal?: string };
    const said = stderr.split("\n").find((line) => /^(Unavailable|\w*Error)/.test(line));
    throw new Error(
      said?.replace(/^Unavailable: /, "") ?? (signal ? `ended by ${signal}` : (error as Error).message.split("\n")[0]!),
    );
  }
}
