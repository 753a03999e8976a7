/** Stands in for `watched-fetch.ts` in the modules for browsers, whose `fetch` nobody can subscribe to. */

export const isFetchWatched = (): boolean => false;
