/** Where the source of a page is, for the link by which readers suggest changes. */

/** The repository's address, as the workflow that builds the site says it; `undefined` elsewhere, where the site has no such links. */
export function repositoryAddress(environment: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = environment;
  return server && name ? `${server}/${name}` : undefined;
}

/**
 * The file behind a page: pages of packages and examples are copies of their READMEs.
 *
 * @param page relative to `docs`
 */
export function sourceOf(page: string): string {
  const [, workspace] = /^((?:packages|examples)\/[a-z0-9-]+)\.md$/.exec(page) ?? [];
  return workspace ? `${workspace}/README.md` : `docs/${page}`;
}

/** Whether a script writes the page, from comments, results or changelogs: there is nothing to edit in it. */
export function isGenerated(page: string): boolean {
  return /^(?:api\/|(?:benchmarks|changes|support-matrix)\.md$)/.test(page);
}
