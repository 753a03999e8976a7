// The order that matters: the page has an event before the API has sent the next one.

import assert from 'node:assert/strict';
import { ask, begun, delta, done } from './support.mjs';

/** Plain enough to be held back by whatever gathers. */
const WORDS = ['One', 'Two', 'Three'];

/** Fails by the time limit of the test when somebody holds a word back. */
export async function comesOneByOne(api, url, path) {
  const page = await ask(url, path);
  await begun(api);
  for (const word of WORDS) {
    api.write(delta(word));
    const all = await page.until(`"${word}"`);
    // Nothing of what was not yet sent, and each event whole.
    assert.deepEqual(
      all.split('\n\n').filter(Boolean),
      WORDS.slice(0, WORDS.indexOf(word) + 1).map((one) => delta(one).trimEnd()),
    );
  }
  api.write(done);
  await page.until('event: done');
}

/** Shows that the words would be held back without the headers: none comes until long after it was sent. */
export async function isHeldBack(api, url, path) {
  const page = await ask(url, path);
  await begun(api);
  api.write(delta('One'));
  const waited = new Promise((resolve) => setTimeout(resolve, 500, 'nothing came'));
  assert.equal(await Promise.race([page.until('"One"'), waited]), 'nothing came');
}
