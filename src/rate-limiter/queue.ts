/** A first-come-first-served queue that anybody may leave at any time, in constant time. */

/** A set that knows, in constant time as well, who has been in it longest. */
export class Queue<T> extends Set<T> {
  // One iterator walks along: a new one would step over the places of all who have left.
  private _walk = this.values();
  private _first: T | undefined;

  /** Who is next. */
  first(): T | undefined {
    while (this.size && !this.has(this._first as T)) {
      const { value, done } = this._walk.next();
      if (done) this._walk = this.values();
      this._first = value;
    }
    return this.size ? this._first : undefined;
  }
}
