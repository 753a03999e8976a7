// Verifying a delivery: against the bare HMAC of the same kind, and the other packages.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { verify as octokitVerify } from '@octokit/webhooks-methods';
import { Webhooks } from '@twig/sdk/webhooks';
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { report, time } from './lib/measure.mjs';

const secret = 'the secret of the endpoint';
const stripe = new Stripe('sk_test_x');
const standard = Buffer.from(secret).toString('base64');
const standardWebhook = new Webhook(standard);
const openai = new OpenAI({ apiKey: 'x', webhookSecret: `whsec_${standard}` });

for (const kilobytes of [1, 100]) {
  const data = { interaction_id: 'int_1', text: 'x'.repeat(kilobytes * 1024 - 120) };
  const body = JSON.stringify({ event: 'interaction.completed', timestamp: '2024-01-15T10:30:00Z', data });
  const hex = createHmac('sha256', secret).update(body).digest('hex');
  const signature = `sha256=${hex}`;
  const expected = Buffer.from(hex, 'hex');
  const now = Math.floor(Date.now() / 1000);
  const stripeHeader = stripe.webhooks.generateTestHeaderString({ payload: body, secret });
  const id = 'msg_1';
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(now),
    'webhook-signature': standardWebhook.sign(id, new Date(now * 1000), body),
  };
  const webhooks = new Webhooks({ secret });
  const options = { rounds: 15, calls: kilobytes === 1 ? 2000 : 200 };
  report(
    `Verifying ${kilobytes} KB, Node`,
    await time(
      {
        'bare HMAC + timingSafeEqual': () =>
          timingSafeEqual(createHmac('sha256', secret).update(body).digest(), Buffer.from(hex, 'hex')),
        '@twig/sdk': () => webhooks.verify(body, signature),
        '@octokit/webhooks-methods': () => octokitVerify(secret, body, signature),
        stripe: () => stripe.webhooks.constructEvent(body, stripeHeader, secret, 1e9),
        standardwebhooks: () => standardWebhook.verify(body, headers),
        openai: () => openai.webhooks.verifySignature(body, headers, undefined, 1e9),
      },
      options,
    ),
  );

  // As in a runtime that has Web Crypto alone.
  const { getBuiltinModule } = process;
  process.getBuiltinModule = undefined;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['verify']);
  const edge = new Webhooks({ secret });
  await edge.verify(body, signature);
  process.getBuiltinModule = getBuiltinModule;
  report(
    `Verifying ${kilobytes} KB, Web Crypto`,
    await time(
      {
        'bare subtle.verify': () => crypto.subtle.verify('HMAC', key, expected, new TextEncoder().encode(body)),
        '@twig/sdk': () => edge.verify(body, signature),
      },
      { ...options, calls: 300 },
    ),
  );
}
