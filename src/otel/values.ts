/** Values of attributes: what callers and servers give may be of any type. */

import type { Attributes, AttributeValue } from '@opentelemetry/api';

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** The members of an object, or none. */
export const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** Attributes without those that are `undefined`; texts pass through `clean`, which takes the key out. */
export function toAttributes(
  values: Readonly<Record<string, AttributeValue | undefined>>,
  clean: (text: string) => string,
): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) attributes[name] = typeof value === 'string' ? clean(value) : value;
  }
  return attributes;
}
