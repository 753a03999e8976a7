/** Ends what nobody will ever read: a stream that was given away and collected has no end of its own. */

/** One for all clients: one that a client owned would be collected with it, and its streams would never end. */
let registry: FinalizationRegistry<() => void> | undefined;

/** Has `abandon`, which must not refer to `stream`, done when `stream` was collected. Nothing where nobody can know. */
export function whenCollected(stream: object, abandon: () => void): void {
  if (typeof FinalizationRegistry === 'undefined') return;
  registry ??= new FinalizationRegistry((act) => act());
  registry.register(stream, abandon);
}
