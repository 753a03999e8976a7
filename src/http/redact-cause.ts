/** What `fetch` threw, without the key: some attach the request that failed, with its headers, somewhere below. */

import { probe } from '../runtime.ts';
import { look } from './foreign-error.ts';
import type { Redact } from './redactor.ts';

/** So much is looked through; what is larger cannot be known to hold no key. */
const MOST_VALUES = 20_000;

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Gives what a getter gives, or nothing where it throws: then it shows nothing to others, either. */
const ask = (object: object, key: PropertyKey): unknown => probe(() => Reflect.get(object, key));

/** By this name an object has a word in how Node shows it (Node, `util.inspect.custom`). */
const INSPECT: unique symbol = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom');

/** What an object may be able to do. */
interface Foreign extends Map<unknown, unknown> {
  toJSON(): unknown;
  [INSPECT](depth: number, options: object, inspect: (value: unknown) => string): unknown;
}

/** What holds something that only a console can look at. */
const OPAQUE = /Promise|Weak|Iterator|Generator/;

/**
 * Everything that a program could show of an object: the names and values of its own members, hidden ones, symbols and
 * getters included; the values and getters of its class; the entries of a `Map`, `Set`, `Headers` and the like; what it
 * says of itself to JSON, to Node's `inspect` and as a text.
 */
function* contents(object: object): Generator<unknown> {
  if (OPAQUE.test(Object.prototype.toString.call(object))) throw object;
  if (ArrayBuffer.isView(object) || object instanceof ArrayBuffer) {
    yield new TextDecoder('latin1').decode(object);
    return;
  }
  for (const key of Reflect.ownKeys(object)) yield* [key, ask(object, key)];
  // Getters of Node's sockets and requests that are not enumerable are old names, which warn when they are used.
  const isEmitter = typeof ask(object, 'on') === 'function';
  for (let kind = Reflect.getPrototypeOf(object); kind; kind = Reflect.getPrototypeOf(kind)) {
    if (kind === Object.prototype || kind === Function.prototype) break;
    for (const key of Reflect.ownKeys(kind)) {
      const { get, value, enumerable } = Reflect.getOwnPropertyDescriptor(kind, key) ?? {};
      if (get ? enumerable || !isEmitter : typeof value !== 'function') yield ask(object, key);
    }
  }
  const { forEach, entries, toJSON, [INSPECT]: show } = object as Partial<Foreign>;
  if (typeof forEach === 'function' && typeof entries === 'function' && !Array.isArray(object)) {
    const found: unknown[] = [];
    forEach.call(object, (value: unknown, key: unknown) => found.push(value, key));
    yield* found;
  }
  if (typeof toJSON === 'function') yield toJSON.call(object);
  if (typeof show === 'function') yield show.call(object, 2, { stylize: String }, String);
  if (!Array.isArray(object)) yield probe(() => String(object));
}

/** Whether a text that `isSecret` is anywhere in a value. What throws when it is looked at counts as holding one. */
function holds(root: unknown, isSecret: (text: string) => boolean): boolean {
  const seen = new Set<unknown>();
  const queue: unknown[] = [root];
  let count = 0;
  try {
    for (let value = queue.pop(); value !== undefined || queue.length; value = queue.pop()) {
      if (++count > MOST_VALUES) return true;
      if (typeof value === 'string' && isSecret(value)) return true;
      if (typeof value === 'symbol' && isSecret(value.description ?? '')) return true;
      if (!isObject(value) || seen.has(value)) continue;
      seen.add(value);
      for (const content of contents(value)) queue.push(content);
    }
    return false;
  } catch {
    return true;
  }
}

/**
 * What was thrown, as it is; but where it holds a secret anywhere, a copy of its name, message, code and stack without
 * it.
 */
export function redactCause(cause: unknown, redact: Redact): unknown {
  if (!holds(cause, (text) => redact(text) !== text)) return cause;
  if (typeof cause === 'string') return redact(cause);
  const { name, message, code, stack } = look(cause);
  const clean = (value: unknown): unknown => (typeof value === 'string' ? redact(value) : undefined);
  const copy = new Error(`${clean(message) ?? ''}`);
  Object.defineProperties(copy, {
    name: { value: clean(name) ?? 'Error', configurable: true, writable: true },
    stack: { value: clean(stack), configurable: true, writable: true },
  });
  return Object.assign(copy, typeof code === 'number' ? { code } : typeof code === 'string' && { code: redact(code) });
}
