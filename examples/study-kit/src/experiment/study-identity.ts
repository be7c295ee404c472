/** What a study is called, and what makes its runs the same wherever they are made. */

/** What is the same on all machines, or they don't make runs of one study. */
export interface StudyIdentity {
  /** Short, in small letters: "digits". */
  readonly name: string;
  /** `runKey` of all that every one of its runs depends on: code, data, versions. */
  readonly code: string;
}

/** What a worker thread is told when it starts. */
export interface StudyThreadData {
  /** Codes of the studies that it makes runs of, by name. */
  readonly studies: Readonly<Record<string, string>>;
  /** What this machine adds: where its data lie, say. */
  readonly own: unknown;
}

export function threadData(studies: readonly StudyIdentity[], own: unknown): StudyThreadData {
  return { studies: Object.fromEntries(studies.map(({ name, code }) => [name, code])), own };
}
