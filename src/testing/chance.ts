/** Numbers and ids that depend on nothing but a seed and a name, so that the same test always sees the same ones. */

import { seededRandom } from './clock.ts';

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** The random numbers that belong to a seed and a name. */
export const drawsFor = (seed: number, name: string): (() => number) => seededRandom(hash(`${seed}:${name}`));

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Makes ids, `agent_k3v9x0q2m1`: the n-th of a prefix is the same for the same seed, whatever else was made. */
export function createIds(seed: number): (prefix: string) => string {
  const counts = new Map<string, number>();
  return (prefix) => {
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    const draw = drawsFor(seed, `${prefix}:${count}`);
    return `${prefix}_${Array.from({ length: 10 }, () => ALPHABET[Math.floor(draw() * ALPHABET.length)]).join('')}`;
  };
}
