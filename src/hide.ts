/** Members that belong to an object and to nobody else. */

/** Gives `target` members that no loop, JSON, copy or inspection shows. */
export function defineHidden<T extends object, Members extends object>(target: T, members: Members): T & Members {
  for (const name of Reflect.ownKeys(members)) {
    const value: unknown = Reflect.get(members, name);
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
  // The cast: each of them was just defined.
  return target as T & Members;
}
