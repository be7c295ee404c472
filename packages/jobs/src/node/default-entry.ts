/** The worker threads' entry file of this package: beside the built module, whoever imports it. */
export const defaultEntry = (): URL => new URL("./thread-entry.js", import.meta.url);
