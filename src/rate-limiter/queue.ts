/** A first-come-first-served queue from which anybody may leave at any time, in constant time. */

/** A place in a queue. */
export interface Place<T> {
  readonly value: T;
  /** Leaves the queue; again does nothing. */
  leave(): void;
}

interface Node<T> extends Place<T> {
  before: Node<T> | undefined;
  after: Node<T> | undefined;
}

/** A doubly linked list. */
export class Queue<T> {
  size = 0;
  private _first: Node<T> | undefined;
  private _last: Node<T> | undefined;

  /** Who is next. */
  get first(): T | undefined {
    return this._first?.value;
  }

  /** Goes to the end. */
  join(value: T): Place<T> {
    let isIn = true;
    const node: Node<T> = {
      value,
      before: this._last,
      after: undefined,
      leave: () => {
        if (!isIn) return;
        isIn = false;
        this.size--;
        if (node.before) node.before.after = node.after;
        else this._first = node.after;
        if (node.after) node.after.before = node.before;
        else this._last = node.before;
      },
    };
    if (this._last) this._last.after = node;
    else this._first = node;
    this._last = node;
    this.size++;
    return node;
  }
}
