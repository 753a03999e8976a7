// Walking over 10,000 objects, 100 a page.

import Anthropic from '@anthropic-ai/sdk';
import { TwigClient } from '@twig/sdk';
import OpenAI from 'openai';
import Stripe from 'stripe';
import { report, summarise } from './lib/measure.mjs';
import { KEY, OBJECT } from './lib/peers.mjs';

const TOTAL = 10_000;
const PAGE = 100;
const items = Array.from({ length: TOTAL }, (_, i) => ({ ...OBJECT, id: `agent_${i}` }));
const pageFrom = (offset) => {
  const data = items.slice(offset, offset + PAGE);
  const more = offset + PAGE < TOTAL;
  const common = {
    has_more: more,
    first_id: data[0].id,
    last_id: data.at(-1).id,
    object: 'list',
    url: '/v1/customers',
  };
  return {
    cursor: JSON.stringify({ data, ...common }),
    offset: JSON.stringify({ agents: data, total: TOTAL, limit: PAGE, offset }),
  };
};
const pages = Array.from({ length: TOTAL / PAGE }, (_, i) => pageFrom(i * PAGE));
const headers = { 'content-type': 'application/json' };
const after = (url) => {
  const { searchParams } = new URL(url);
  const cursor = searchParams.get('after') ?? searchParams.get('after_id') ?? searchParams.get('starting_after');
  return cursor ? Number(cursor.slice(6)) + 1 : Number(searchParams.get('offset') ?? 0);
};
const fetch = async (input) => {
  const url = String(input.url ?? input);
  const page = pages[after(url) / PAGE];
  return new Response(url.includes('twig') ? page.offset : page.cursor, { headers });
};
const twig = new TwigClient({ apiKey: KEY, fetch, baseUrl: 'https://twig.test' });
const off = twig.withOptions({ responseValidation: 'off' });
const openai = new OpenAI({ apiKey: KEY, fetch });
const anthropic = new Anthropic({ apiKey: KEY, fetch });
const stripe = new Stripe(KEY, { httpClient: Stripe.createFetchHttpClient(fetch), telemetry: false });
async function count(list) {
  let n = 0;
  for await (const _ of list) n++;
  return n;
}
const contenders = {
  async 'fetch + JSON, page by page'() {
    let n = 0;
    for (let offset = 0; offset < TOTAL; offset += PAGE) {
      const response = await fetch(`https://twig.test/api/v1/agents?limit=${PAGE}&offset=${offset}`);
      n += JSON.parse(await response.text()).agents.length;
    }
    return n;
  },
  '@twig/sdk': () => count(twig.agents.list({ limit: PAGE })),
  "@twig/sdk, validation 'off'": () => count(off.agents.list({ limit: PAGE })),
  '@anthropic-ai/sdk': () => count(anthropic.models.list({ limit: PAGE })),
  openai: () => count(openai.files.list({ limit: PAGE })),
  stripe: () => count(stripe.customers.list({ limit: PAGE })),
};
const values = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = -3; round < 15; round++) {
  for (const [name, run] of Object.entries(contenders)) {
    const start = performance.now();
    if ((await run()) !== TOTAL) throw new Error(`${name} lost something`);
    if (round >= 0) values[name].push(performance.now() - start);
  }
}
report(
  'Paging through 10,000 objects',
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, summarise(list)])),
  { unit: 'ms' },
);
