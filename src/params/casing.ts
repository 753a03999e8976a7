/** Keys change case here and nowhere else: camelCase in the program, snake_case on the wire. Values are never touched. */

const CAMEL = /^[a-z][a-zA-Z0-9]*$/;
const SNAKE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;

/** `agentId` → `agent_id`, `orgID` → `org_id`. A key that is no camelCase identifier (`X-Foo`, `URL`, `a_b`) stays. */
export function toSnake(key: string): string {
  if (!CAMEL.test(key)) return key;
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** `agent_id` → `agentId`. A key that is no snake_case identifier (`X-Foo`, `_id`, `Some_Name`) stays. */
export function toCamel(key: string): string {
  if (!SNAKE.test(key)) return key;
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Sets an own data property, also for `__proto__`, which plain assignment would take for the prototype. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** An object made by `{}`, `JSON.parse` or `Object.create(null)`: the only kind whose keys are ours to rename. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** As many distinct keys as an API's objects have many times over; user data with endless keys must not fill the memory. */
const MEMO_LIMIT = 1000;

/** A converter of keys at any depth, with a memory of its own: the same few keys come again in every object. */
export function createCasing(convert: (key: string) => string): (value: unknown) => unknown {
  const memo = new Map<string, string>();
  const rename = (key: string): string => {
    let renamed = memo.get(key);
    if (renamed === undefined) {
      renamed = convert(key);
      if (memo.size < MEMO_LIMIT) memo.set(key, renamed);
    }
    return renamed;
  };
  const walk = (value: unknown): unknown => {
    // A list of texts or numbers has no keys: it need not be copied.
    if (Array.isArray(value)) return value.some((item) => typeof item === 'object') ? value.map(walk) : value;
    if (!isPlainObject(value)) return value;
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const item = value[key];
      setOwn(result, rename(key), typeof item === 'object' ? walk(item) : item);
    }
    return result;
  };
  return walk;
}
