/**
 * Which servers the page of addresses may connect to: those that its user typed. A policy that a page adds to itself holds beside the one that it came with, can't be
 * taken back, and binds the workers that it starts afterwards.
 */

/** Where the Hugging Face hub keeps its files. */
const hub = ["https://huggingface.co", "https://*.huggingface.co", "https://*.hf.co"];

/**
 * @param also more servers, with spaces or commas between
 * @throws Error in words for a user
 */
export function serversOf(address: string, also: string): readonly string[] {
  const first = /^hf:/i.test(address) ? hub : [originOf(address)];
  const onHub = first.includes(hub[0]!) ? hub : [];
  return [
    ...new Set([
      ...first,
      ...onHub,
      ...also
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(originOf),
    ]),
  ];
}

function originOf(text: string): string {
  const whole = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  let url: URL;
  try {
    url = new URL(whole);
  } catch {
    throw new Error(`${text}: expected an address, https://… or hf:org/model.`);
  }
  const here = /^(?:localhost|127\.0\.0\.1)$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && here)) {
    throw new Error(`${text}: expected https: what comes by other ways may have been altered.`);
  }
  return url.origin;
}

/** From now on. */
export function allowServers(servers: readonly string[]): void {
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = `connect-src ${servers.join(" ")}`;
  document.head.append(meta);
}
