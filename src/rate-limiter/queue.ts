/** Queues that anybody may leave at any time, in constant time. */

import type { Priority } from '../http/rate-limit.ts';

/** A first-come-first-served queue: a set that knows, in constant time as well, who has been in it longest. */
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

/** Highest first. */
export const PRIORITIES: readonly Priority[] = ['high', 'normal', 'low'];

/** A queue for each priority. */
export class PriorityQueue<T> {
  private readonly _queues: readonly Queue<T>[] = PRIORITIES.map(() => new Queue<T>());

  get size(): number {
    return this.sizeUpTo(PRIORITIES.length - 1);
  }

  /** How many there are of this rank and those before it. */
  sizeUpTo(rank: number): number {
    return this._queues.slice(0, rank + 1).reduce((sum, { size }) => sum + size, 0);
  }

  add(item: T, rank: number): void {
    this._queues[rank]?.add(item);
  }

  delete(item: T, rank: number): void {
    this._queues[rank]?.delete(item);
  }

  /** Who is next: the one that has been here longest of those with the highest priority. */
  first(): T | undefined {
    return this._queues.find(({ size }) => size)?.first();
  }
}
