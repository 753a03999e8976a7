/** How signatures are compared: each with each secret, in constant time, whatever matched before. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { Webhooks } from '@twig/sdk/webhooks';
import { expect, it, vi } from 'vitest';
import { rejection } from '../support/client.ts';

const BODY = '{"event":"a"}';
const hex = createHmac('sha256', 'right').update(BODY).digest('hex');
const zeros = '0'.repeat(64);

/** Puts spies in the place of Node's own functions, which the next receiver finds. */
function watchNode() {
  const hmac = vi.fn(createHmac);
  const equal = vi.fn(timingSafeEqual);
  const getBuiltinModule = () => ({ createHmac: hmac, timingSafeEqual: equal });
  vi.stubGlobal('process', { ...process, env: process.env, getBuiltinModule });
  return { hmac, equal };
}

/** The same where there is Web Crypto only. */
function watchWebCrypto() {
  vi.stubGlobal('process', { ...process, env: process.env, getBuiltinModule: undefined });
  return { imported: vi.spyOn(crypto.subtle, 'importKey'), verify: vi.spyOn(crypto.subtle, 'verify') };
}

it.each([
  ['first', ['right', 'wrong'], [hex, zeros, zeros]],
  ['last', ['wrong', 'right'], [zeros, zeros, hex]],
])('takes as long whichever matches: the %s secret and signature', async (_which, secret, signatures) => {
  const node = watchNode();
  await new Webhooks({ secret }).verify(BODY, signatures.join(','));
  expect([node.hmac.mock.calls.length, node.equal.mock.calls.length]).toEqual([2, 6]);
  const web = watchWebCrypto();
  await new Webhooks({ secret }).verify(BODY, signatures.join(','));
  expect([web.imported.mock.calls.length, web.verify.mock.calls.length]).toEqual([2, 6]);
});

it('imports the key of a secret once, and keeps no endless number of them', async () => {
  const { imported } = watchWebCrypto();
  const webhooks = new Webhooks();
  for (let i = 0; i < 3; i++) await webhooks.verify(BODY, hex, { secret: 'right' });
  expect(imported).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 100; i++) await rejection(webhooks.verify(BODY, hex, { secret: `wrong ${i}` }));
  await webhooks.verify(BODY, hex, { secret: 'right' });
  expect(imported).toHaveBeenCalledTimes(102);
});
