/** The same few lines of use for each client: what the compiler has to check, and what runs until a first request leaves. */

export interface Programs {
  /** Ten lines in TypeScript: call, stream or write, list. */
  readonly types: string;
  /** Sends a request by `fetch`, as a program does that has just started. */
  readonly firstCall: string;
}

const question = "{ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'q' }] }";

export const PROGRAMS: Readonly<Record<string, Programs>> = {
  '@twig/sdk': {
    types: `import { TwigClient } from '@twig/sdk';
const client = new TwigClient({ apiKey: 'k' });
const answer = await client.query({ agentId: 'a', query: 'q' });
console.log(answer.response, answer.sources[0]?.documentTitle);
const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
for await (const event of stream) if (event.type === 'delta') console.log(event.text);
for await (const agent of client.agents.list({ limit: 10 })) console.log(agent.name);`,
    firstCall: `import { TwigClient } from '@twig/sdk';
await new TwigClient({ apiKey: 'k' }).query({ agentId: 'a', query: 'q' });`,
  },
  openai: {
    types: `import OpenAI from 'openai';
const client = new OpenAI({ apiKey: 'k' });
const answer = await client.responses.create({ model: 'm', input: 'q' });
console.log(answer.output_text, answer.id);
const stream = await client.responses.create({ model: 'm', input: 'q', stream: true });
for await (const event of stream) if (event.type === 'response.output_text.delta') console.log(event.delta);
for await (const file of client.files.list({ limit: 10 })) console.log(file.filename);`,
    firstCall: `import OpenAI from 'openai';
await new OpenAI({ apiKey: 'k' }).responses.create({ model: 'm', input: 'q' });`,
  },
  '@anthropic-ai/sdk': {
    types: `import Anthropic from '@anthropic-ai/sdk';
const client = new Anthropic({ apiKey: 'k' });
const answer = await client.messages.create(${question});
console.log(answer.id, answer.content[0]?.type);
const stream = await client.messages.create({ ...${question}, stream: true } as const);
for await (const event of stream) if (event.type === 'content_block_delta') console.log(event.delta.type);
for await (const model of client.models.list({ limit: 10 })) console.log(model.display_name);`,
    firstCall: `import Anthropic from '@anthropic-ai/sdk';
await new Anthropic({ apiKey: 'k' }).messages.create(${question});`,
  },
  stripe: {
    types: `import Stripe from 'stripe';
const client = new Stripe('k');
const customer = await client.customers.create({ name: 'n' });
console.log(customer.id, customer.name);
const intent = await client.paymentIntents.create({ amount: 1, currency: 'eur' });
console.log(intent.status);
for await (const item of client.customers.list({ limit: 10 })) console.log(item.name);`,
    firstCall: `import Stripe from 'stripe';
await new Stripe('k', { httpClient: Stripe.createFetchHttpClient() }).customers.create({ name: 'n' });`,
  },
  '@mistralai/mistralai': {
    types: `import { Mistral } from '@mistralai/mistralai';
const client = new Mistral({ apiKey: 'k' });
const answer = await client.chat.complete({ model: 'm', messages: [{ role: 'user', content: 'q' }] });
console.log(answer.id, answer.choices[0]?.message?.content);
const stream = await client.chat.stream({ model: 'm', messages: [{ role: 'user', content: 'q' }] });
for await (const event of stream) console.log(event.data.choices[0]?.delta.content);
console.log((await client.models.list()).object);`,
    firstCall: `import { Mistral } from '@mistralai/mistralai';
await new Mistral({ apiKey: 'k' }).chat.complete({ model: 'm', messages: [{ role: 'user', content: 'q' }] });`,
  },
};
