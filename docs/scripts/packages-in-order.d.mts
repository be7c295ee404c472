/** The names of the packages in the order of the repository's README; those that its list doesn't name come last. */
export declare function packagesInOrder(): string[];
