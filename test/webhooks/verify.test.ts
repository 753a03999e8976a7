/** Verifying deliveries: against an independent implementation, in every accepted form, and under forgery. */

import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { TwigClient } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import {
  TwigConfigError,
  TwigWebhookVerificationError,
  type WebhookEvent,
  type WebhookSecret,
  Webhooks,
} from '@twig/sdk/webhooks';
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { rejection } from '../support/client.ts';

const SECRET = 'whsec_ünïcode secret';
const BODY =
  '{"event":"interaction.completed","timestamp":"2024-01-15T10:30:00Z","data":{"interaction_id":"int_1","latency_ms":12}}';
const digest = createHmac('sha256', SECRET).update(BODY).digest();
const hex = digest.toString('hex');
const runtimes = ['node:crypto', 'Web Crypto'] as const;

/** Both ways to compute: Web Crypto where there is no `process.getBuiltinModule`. */
function within(runtime: (typeof runtimes)[number]): Webhooks {
  if (runtime === 'Web Crypto') vi.stubGlobal('process', { ...process, env: process.env, getBuiltinModule: undefined });
  return new Webhooks({ secret: SECRET });
}
afterEach(() => vi.unstubAllGlobals());

it('agrees with openssl', async () => {
  // printf '{"event":"a"}' | openssl dgst -sha256 -hmac secret
  const known = 'sha256=dff0353d3a8846047812ffb551654411d1132f478b2d9b89e09d4f826f586b0f';
  const signed = await new Webhooks({ secret: 'secret' }).sign('{"event":"a"}');
  expect(signed).toBe(`sha256=${createHmac('sha256', 'secret').update('{"event":"a"}').digest('hex')}`);
  expect(signed).toBe(known);
});

describe.each(runtimes)('with %s', (runtime) => {
  const spellings = {
    'sha256= and hex': `sha256=${hex}`,
    hex,
    'upper-case hex': hex.toUpperCase(),
    base64: digest.toString('base64'),
    'base64 without padding': digest.toString('base64').replace('=', ''),
    base64url: digest.toString('base64url'),
    'sha256= and base64url, padded': `sha256=${digest.toString('base64url')}=`,
    'one of several, by commas': `${'0'.repeat(64)}, nonsense,sha256=${hex}`,
    'one of several, by spaces': `${'0'.repeat(64)} ${hex}`,
  };
  it.each(Object.entries(spellings))('takes %s', async (_, signature) => {
    await expect(within(runtime).verify(BODY, signature)).resolves.toBeUndefined();
  });

  it('signs as the platform does', async () => {
    expect(await within(runtime).sign(BODY)).toBe(`sha256=${hex}`);
  });

  it('takes every form of payload and of headers', async () => {
    const webhooks = within(runtime);
    const bytes = new TextEncoder().encode(BODY);
    for (const payload of [BODY, bytes, Buffer.from(BODY), bytes.buffer as ArrayBuffer])
      await webhooks.verify(payload, hex);
    for (const headers of [
      new Headers({ 'X-Twig-Signature': hex }),
      { 'X-TWIG-SIGNATURE': hex },
      { 'x-twig-signature': [hex, hex] },
    ]) {
      await webhooks.verify(BODY, headers);
    }
    await webhooks.verify(
      new Request('https://a.test', { method: 'POST', body: BODY, headers: { 'x-twig-signature': hex } }),
    );
  });

  it('refuses a body with any one byte changed', async () => {
    const webhooks = within(runtime);
    const bytes = new TextEncoder().encode(BODY);
    for (let i = 0; i < bytes.length; i++) {
      const forged = Uint8Array.from(bytes, (byte, at) => (at === i ? byte ^ 1 : byte));
      expect(await rejection(webhooks.verify(forged, hex))).toMatchObject({ code: 'invalid_signature' });
    }
  });

  it('refuses a signature with any one character changed, in every spelling', async () => {
    const webhooks = within(runtime);
    for (const text of [hex, digest.toString('base64'), digest.toString('base64url')]) {
      for (let i = 0; i < text.length; i++) {
        for (const other of ['0', 'A', 'f', 'B', '-', '=']) {
          const forged = text.slice(0, i) + other + text.slice(i + 1);
          // The padding may be left out or be there; any other difference in bytes is a forgery.
          if (Buffer.from(forged, text === hex ? 'hex' : 'base64').equals(digest) && other !== '=') continue;
          if (forged === text) continue;
          expect(await rejection(webhooks.verify(BODY, forged))).toMatchObject({ code: 'invalid_signature' });
        }
      }
    }
  });

  it('refuses base64 whose last character holds more bits than 32 bytes have', async () => {
    const text = digest.toString('base64');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const forged = text.slice(0, 42) + alphabet[alphabet.indexOf(text.charAt(42)) + 1];
    expect(Buffer.from(forged, 'base64').equals(digest)).toBe(true);
    expect(await rejection(within(runtime).verify(BODY, forged))).toMatchObject({ code: 'invalid_signature' });
  });

  it('refuses a secret with any one character changed', async () => {
    const webhooks = within(runtime);
    for (let i = 0; i < SECRET.length; i++) {
      const secret = `${SECRET.slice(0, i)}~${SECRET.slice(i + 1)}`;
      expect(await rejection(webhooks.verify(BODY, hex, { secret }))).toMatchObject({ code: 'invalid_signature' });
    }
  });

  it('takes any of several secrets, also from a function', async () => {
    const webhooks = within(runtime);
    for (const secret of [['other', SECRET], () => ['other', SECRET], async () => SECRET]) {
      await webhooks.verify(BODY, hex, { secret });
    }
  });

  it('signs with the first of several secrets', async () => {
    expect(await within(runtime).sign(BODY, { secret: [SECRET, 'other'] })).toBe(`sha256=${hex}`);
  });
});

describe('the secret', () => {
  it('comes from TWIG_WEBHOOK_SECRET where none is given', async () => {
    vi.stubEnv('TWIG_WEBHOOK_SECRET', SECRET);
    await new Webhooks().verify(BODY, hex);
    await new TwigClient({ apiKey: 'twigsk_test_1' }).webhooks.verify(BODY, hex);
  });

  it('of a function is asked for with each delivery, so that a rotated one is used at once', async () => {
    let secret = 'old';
    const webhooks = new Webhooks({ secret: () => secret });
    expect(await rejection(webhooks.verify(BODY, hex))).toMatchObject({ code: 'invalid_signature' });
    secret = SECRET;
    await webhooks.verify(BODY, hex);
  });
});

it('looks at sixteen signatures and no more', async () => {
  const webhooks = new Webhooks({ secret: SECRET });
  const wrong = '0'.repeat(64);
  await webhooks.verify(BODY, [...Array(15).fill(wrong), hex].join(','));
  expect(await rejection(webhooks.verify(BODY, [...Array(16).fill(wrong), hex].join(',')))).toBeInstanceOf(
    TwigWebhookVerificationError,
  );
});

describe('what is refused', () => {
  const webhooks = new Webhooks({ secret: SECRET });
  it.each([[''], [null], [undefined], [{}], [new Headers()]])('a missing signature: %o', async (signature) => {
    expect(await rejection(webhooks.verify(BODY, signature))).toMatchObject({ code: 'missing_signature' });
  });

  it('the header twice with different values', async () => {
    const signature = { 'x-twig-signature': [hex, '0'.repeat(64)] };
    expect(await rejection(webhooks.verify(BODY, signature))).toMatchObject({ code: 'invalid_signature' });
  });

  it('the header in two spellings with different values; the same value twice is none', async () => {
    const twice = { 'X-Twig-Signature': hex, 'x-twig-signature': '0'.repeat(64) };
    expect(await rejection(webhooks.verify(BODY, twice))).toMatchObject({ code: 'invalid_signature' });
    await webhooks.verify(BODY, { 'X-Twig-Signature': hex, 'x-twig-signature': hex });
  });

  it('a forgery before anything of it is parsed, with the two usual reasons', async () => {
    for (const options of [{}, { toleranceSeconds: 300 }]) {
      const error = await rejection(webhooks.unwrap('nonsense', hex, options));
      expect(error).toMatchObject({ code: 'invalid_signature', hint: expect.stringMatching(/secret.*byte for byte/) });
    }
  });

  it('a parsed body, with the way to the raw one in each framework', async () => {
    const error = (await rejection(webhooks.verify(JSON.parse(BODY) as never, hex))) as TwigWebhookVerificationError;
    expect(error.code).toBe('body_parsed');
    for (const name of ['Express', 'Fastify', 'Next.js', 'Hono', 'NestJS', 'Lambda']) {
      expect(`${error.message} ${error.hint}`).toContain(name);
    }
  });

  it('a header that is no text', async () => {
    expect(await rejection(webhooks.verify(BODY, { 'x-twig-signature': 5 } as never))).toMatchObject({
      code: 'missing_signature',
    });
  });

  it('a request whose body is being read, with the way to the raw one', async () => {
    const request = new Request('https://a.test', { method: 'POST', body: BODY, headers: { 'x-twig-signature': hex } });
    request.body?.getReader();
    expect(await rejection(webhooks.verify(request))).toMatchObject({ code: 'body_parsed' });
  });

  it('what is signed but no event', async () => {
    for (const body of ['[]', 'null', 'nonsense', '{"event":1}']) {
      expect(await rejection(webhooks.unwrap(body, await webhooks.sign(body)))).toMatchObject({
        code: 'invalid_payload',
      });
    }
  });

  it.each([undefined, '', '  ', [], ['a', '']])('to work without a secret: %o', async (secret) => {
    vi.stubEnv('TWIG_WEBHOOK_SECRET', '');
    expect(await rejection(new Webhooks({ secret }).verify(BODY, hex))).toBeInstanceOf(TwigConfigError);
  });

  it.each<[string, WebhookSecret]>([
    ['a variable that is not set', () => process.env.NOT_SET],
    ['a vault that has none', async () => undefined],
    ['a list of none', () => []],
  ])('to work where a function gives no secret: %s', async (_what, secret) => {
    expect(await rejection(new Webhooks({ secret }).verify(BODY, hex))).toBeInstanceOf(TwigConfigError);
  });
});

describe('the time', () => {
  const at = Date.parse('2024-01-15T10:30:00Z');
  const verify = (toleranceSeconds: number, now: number, body = BODY) =>
    new Webhooks({ secret: SECRET, toleranceSeconds, now: () => now })
      .sign(body)
      .then((signature) => new Webhooks({ secret: SECRET, toleranceSeconds, now: () => now }).verify(body, signature));

  it('may be as far off as was allowed, in both directions, and no further', async () => {
    await verify(300, at + 300_000);
    await verify(300, at - 300_000);
    await verify(0, at);
    expect(await rejection(verify(300, at + 300_001))).toMatchObject({ code: 'timestamp_too_old' });
    expect(await rejection(verify(300, at - 300_001))).toMatchObject({ code: 'timestamp_too_new' });
    expect(await rejection(verify(0, at + 1))).toMatchObject({ code: 'timestamp_too_old' });
  });

  it('counts when the call gives undefined for it, which means that nothing was given', async () => {
    const webhooks = new Webhooks({ secret: SECRET, toleranceSeconds: 300, now: () => at + 300_001 });
    const options = { toleranceSeconds: undefined, secret: undefined };
    expect(await rejection(webhooks.verify(BODY, hex, options))).toMatchObject({ code: 'timestamp_too_old' });
  });

  it('counts in each way to verify, by whatever clock was given', async () => {
    const late = () => at + 300_001;
    const clock = createTestClock({ now: at });
    const request = () =>
      new Request('https://a.test', { method: 'POST', body: BODY, headers: { 'x-twig-signature': hex } });
    const strict = new Webhooks({ secret: SECRET, toleranceSeconds: 300, clock });
    const lenient = new Webhooks({ secret: SECRET });
    const options = { toleranceSeconds: 300, now: late };
    const client = new TwigClient({ apiKey: 'twigsk_test_1', clock });
    const ofClient = { secret: SECRET, toleranceSeconds: 300 };
    await strict.verify(BODY, hex);
    await client.webhooks.verify(BODY, hex, ofClient);
    await clock.advance(300_001);
    for (const verification of [
      strict.verify(BODY, hex),
      strict.unwrap(BODY, hex),
      strict.unwrap(request()),
      lenient.verify(BODY, hex, options),
      lenient.unwrap(BODY, hex, options),
      lenient.verify(request(), options),
      lenient.unwrap(request(), options),
      client.webhooks.verify(BODY, hex, ofClient),
    ]) {
      expect(await rejection(verification)).toMatchObject({ code: 'timestamp_too_old' });
    }
    await lenient.verify(request());
  });

  it('that cannot be told lets nothing through', async () => {
    expect(await rejection(verify(300, Number.NaN))).toBeInstanceOf(TwigWebhookVerificationError);
  });

  it('must be readable when it counts', async () => {
    expect(await rejection(verify(300, at, '{"event":"a"}'))).toMatchObject({ code: 'invalid_payload' });
    for (const timestamp of ['soon', at, 2024, ['2024-01-15T10:30:00Z'], null]) {
      const body = JSON.stringify({ event: 'a', timestamp });
      expect(await rejection(verify(1e10, at, body))).toMatchObject({ code: 'invalid_payload' });
    }
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never])('has no tolerance of %o', async (tolerance) => {
    expect(
      await rejection(new Webhooks({ secret: SECRET, toleranceSeconds: tolerance }).verify(BODY, hex)),
    ).toBeInstanceOf(TwigConfigError);
  });
});

it('gives the event in camelCase, and types it by its name', async () => {
  const event = await new Webhooks({ secret: SECRET }).unwrap(BODY, hex);
  expect(event).toEqual({
    event: 'interaction.completed',
    timestamp: '2024-01-15T10:30:00Z',
    data: { interactionId: 'int_1', latencyMs: 12 },
  });
  const check = (one: WebhookEvent): void => {
    if (one.event === 'interaction.completed') expectTypeOf(one.data.interactionId).toEqualTypeOf<string>();
    else if (one.event === 'agent.updated') expectTypeOf(one.data.agentId).toEqualTypeOf<string | undefined>();
  };
  check(event);
});

it('shows no secret', async () => {
  const webhooks = new Webhooks({ secret: SECRET });
  const error = await rejection(webhooks.verify(BODY, '0'.repeat(64)));
  expect(Object.keys(webhooks)).toEqual([]);
  for (const thing of [webhooks, error]) {
    expect(inspect(thing, { depth: 10, showHidden: true })).not.toContain(SECRET);
    expect(JSON.stringify(thing)).not.toContain(SECRET);
  }
});
