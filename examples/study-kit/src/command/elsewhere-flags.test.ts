import { describe, expect, it } from "vitest";
import { parseElsewhere } from "./elsewhere-flags.js";

describe("parseElsewhere", () => {
  it("tells a server from a folder", () => {
    expect(parseElsewhere({})).toEqual({ on: undefined, serve: undefined });
    expect(parseElsewhere({ on: "tls://a,tls://b" }).on).toEqual({ server: "tls://a,tls://b" });
    expect(parseElsewhere({ on: "shared", share: "2/8" }).on).toEqual({ folder: "shared", share: { index: 2, of: 8 } });
    expect(parseElsewhere({ serve: "nats://a" }).serve).toBe("nats://a");
  });

  it.each([
    [{ on: "x", serve: "nats://a" }, /got both/],
    [{ share: "0/2" }, /--share is of a folder/],
    [{ on: "nats://a", share: "0/2" }, /--share is of a folder/],
    [{ on: "x", share: "2/2" }, /expected i\/n with i from 0 to n − 1, got "2\/2"/],
    [{ on: "x", share: "1" }, /got "1"/],
  ])("refuses %j", (flags, message) => {
    expect(() => parseElsewhere(flags)).toThrow(message);
  });
});
