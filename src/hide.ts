/** Members that belong to an object and to nobody else. */

/** Gives `target` members that no loop, JSON or inspection shows. */
export function defineHidden<T extends object>(target: T, members: Record<string, unknown>): T {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
  return target;
}
