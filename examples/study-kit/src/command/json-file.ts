/** JSON files that a user wrote. */
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { UserError } from "./user-error.js";

/** @throws UserError naming the file, where it can't be read or isn't JSON */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`${file}: can't be read (${(error as Error).message}).`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file}: expected JSON (${(error as Error).message}).`);
  }
}

/** @throws UserError naming the file, and the path in it of everything that is wrong */
export function checkJson<S extends z.ZodType>(schema: S, value: unknown, file: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "file"}: ${message}`);
  throw new UserError(`${file}: ${issues.join("; ")}.`);
}
