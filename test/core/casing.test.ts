/** The memory of renamed keys. (What keys become: drift.test.ts.) */

import { expect, it } from 'vitest';
import { createCasing } from '../../src/params/casing.ts';

it('remembers the keys that come again, and not without end: they may be the data of a user', () => {
  const asked: string[] = [];
  const rename = createCasing((key) => {
    asked.push(key);
    return key.toUpperCase();
  });
  for (let i = 0; i < 5000; i++) rename({ id: i, [`key ${i}`]: i });
  expect(asked.filter((key) => key === 'id')).toHaveLength(1);
  asked.length = 0;
  for (let i = 0; i < 5000; i++) expect(rename({ [`key ${i}`]: i })).toEqual({ [`KEY ${i}`]: i });
  expect(asked.length).toBeGreaterThanOrEqual(4000);
});
