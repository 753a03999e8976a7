/** A first-come-first-served queue that anybody may leave at any time, in constant time. */

/** A queue. */
export interface Queue<T> {
  /** Everybody in it, in the order of coming. Join and leave here. */
  readonly members: Set<T>;
  /** Who is next. */
  first(): T | undefined;
}

/** Makes a queue. */
export function createQueue<T>(): Queue<T> {
  const members = new Set<T>();
  // One iterator walks along: a new one would step over the places of all who have left.
  let walk = members.values();
  let head: T | undefined;
  return {
    members,
    first() {
      while (members.size && !members.has(head as T)) {
        const { value, done } = walk.next();
        if (done) walk = members.values();
        head = value;
      }
      return members.size ? head : undefined;
    },
  };
}
