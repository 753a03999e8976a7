// Express's own compression() in front of a stream.

import { afterEach, test } from 'node:test';
import { comesOneByOne, isHeldBack } from './one-by-one.mjs';
import { closeAll, start, WAYS } from './support.mjs';

const limit = { timeout: 30_000 };
afterEach(closeAll);

for (const [name, path] of Object.entries(WAYS)) {
  test(`behind compression(), ${name} comes event by event`, limit, async () => {
    const { api, app } = await start();
    await comesOneByOne(api, app, path);
  });
}

test('behind compression(), a stream without those headers is held back', limit, async () => {
  const { api, app } = await start();
  await isHeldBack(api, app, '/bare');
});
