// Verifying a delivery: against the bare HMAC of the same kind, and the other packages.

import { createHmac, timingSafeEqual } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import { verify as octokitVerify } from '@octokit/webhooks-methods';
import { Webhooks } from '@twig/sdk/webhooks';
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { summarise, time } from './lib/measure.mjs';
import { report } from './lib/report.mjs';

const secret = 'the secret of the endpoint';
const webhookKey = `whsec_${Buffer.from(secret).toString('base64')}`;
const stripe = new Stripe('sk_test_x');
const standard = new Webhook(webhookKey);
const openai = new OpenAI({ apiKey: 'x', webhookSecret: webhookKey });
const anthropic = new Anthropic({ apiKey: 'x', webhookKey });
const webhooks = new Webhooks({ secret });
const algorithm = { name: 'HMAC', hash: 'SHA-256' };
const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), algorithm, false, ['verify']);

/** As in a runtime that has Web Crypto alone: which one it is, is found out with the first delivery. */
async function onTheEdge(body, signature) {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = undefined;
  const edge = new Webhooks({ secret });
  await edge.verify(body, signature);
  process.getBuiltinModule = getBuiltinModule;
  return edge;
}

for (const kilobytes of [1, 100]) {
  const data = { interaction_id: 'int_1', text: 'x'.repeat(kilobytes * 1024 - 120) };
  const body = JSON.stringify({ event: 'interaction.completed', timestamp: '2024-01-15T10:30:00Z', data });
  const hex = createHmac('sha256', secret).update(body).digest('hex');
  const signature = `sha256=${hex}`;
  const stripeHeader = stripe.webhooks.generateTestHeaderString({ payload: body, secret });
  const now = new Date();
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': standard.sign('msg_1', now, body),
  };
  const node = {
    'bare HMAC + timingSafeEqual': () =>
      timingSafeEqual(createHmac('sha256', secret).update(body).digest(), Buffer.from(hex, 'hex')),
    '@twig/sdk': () => webhooks.verify(body, signature),
    '@octokit/webhooks-methods': () => octokitVerify(secret, body, signature),
    stripe: () => stripe.webhooks.constructEvent(body, stripeHeader, secret, 1e9),
    standardwebhooks: () => standard.verify(body, headers),
    '@anthropic-ai/sdk': () => anthropic.beta.webhooks.unwrap(body, { headers }),
    openai: () => openai.webhooks.verifySignature(body, headers, undefined, 1e9),
  };
  const options = { rounds: 25, calls: kilobytes === 1 ? 500 : 50 };
  const title = `Verifying a webhook of ${kilobytes} KB`;
  report({ id: `webhook-${kilobytes}`, title: `${title}, Node` }, summarise(await time(node, options)));

  const edge = await onTheEdge(body, signature);
  const expected = Buffer.from(hex, 'hex');
  const web = {
    'bare subtle.verify': () => crypto.subtle.verify('HMAC', key, expected, new TextEncoder().encode(body)),
    '@twig/sdk': () => edge.verify(body, signature),
  };
  const samples = await time(web, { ...options, calls: 50 });
  report({ id: `webhook-web-${kilobytes}`, title: `${title}, Web Crypto` }, summarise(samples));
}
