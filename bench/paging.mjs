// Walking over 10,000 objects, 100 a page.

import { Octokit } from 'octokit';
import { createClient, KEY, OBJECT } from './lib/clients.mjs';
import { summarise, time } from './lib/measure.mjs';
import { report } from './lib/report.mjs';

const TOTAL = 10_000;
const PAGE = 100;
const base = 'https://api.twig.so';
const items = Array.from({ length: TOTAL }, (_, i) => ({ ...OBJECT, id: `agent_${i}` }));

/** A page in the three forms: by offset, by cursor, and bare with a link to the next. */
const pages = Array.from({ length: TOTAL / PAGE }, (_, page) => {
  const offset = page * PAGE;
  const data = items.slice(offset, offset + PAGE);
  const more = offset + PAGE < TOTAL;
  const cursor = { data, has_more: more, first_id: data[0].id, last_id: data.at(-1).id, object: 'list', url: '/v1' };
  return {
    offset: JSON.stringify({ agents: data, total: TOTAL, limit: PAGE, offset }),
    cursor: JSON.stringify(cursor),
    linked: JSON.stringify(data),
    link: more ? `<${base}/linked?page=${page + 2}>; rel="next"` : '',
  };
});
const json = { 'content-type': 'application/json' };
async function fetch(input) {
  const { pathname, searchParams } = new URL(input.url ?? input);
  if (pathname === '/linked') {
    const { linked, link } = pages[Number(searchParams.get('page') ?? 1) - 1];
    return new Response(linked, { headers: { ...json, link } });
  }
  if (pathname.endsWith('/agents')) {
    return new Response(pages[Number(searchParams.get('offset') ?? 0) / PAGE].offset, { headers: json });
  }
  const cursor = searchParams.get('after') ?? searchParams.get('after_id') ?? searchParams.get('starting_after');
  return new Response(pages[cursor ? (Number(cursor.slice(6)) + 1) / PAGE : 0].cursor, { headers: json });
}

async function count(list) {
  let n = 0;
  for await (const _ of list) n++;
  return n;
}

const twig = await createClient('@twig/sdk', fetch);
const off = await createClient("@twig/sdk, validation 'off'", fetch);
const anthropic = await createClient('@anthropic-ai/sdk', fetch);
const openai = await createClient('openai', fetch);
const stripe = await createClient('stripe', fetch);
const octokit = new Octokit({ auth: KEY, request: { fetch }, throttle: { enabled: false }, retry: { enabled: false } });
const walks = {
  async 'fetch + JSON, page by page'() {
    let n = 0;
    for (let offset = 0; offset < TOTAL; offset += PAGE) {
      const response = await fetch(`${base}/api/v1/agents?limit=${PAGE}&offset=${offset}`);
      n += JSON.parse(await response.text()).agents.length;
    }
    return n;
  },
  '@twig/sdk': () => count(twig.agents.list({ limit: PAGE })),
  "@twig/sdk, validation 'off'": () => count(off.agents.list({ limit: PAGE })),
  octokit: async () => (await octokit.paginate(`${base}/linked`)).length,
  stripe: () => count(stripe.customers.list({ limit: PAGE })),
  '@anthropic-ai/sdk': () => count(anthropic.models.list({ limit: PAGE })),
  openai: () => count(openai.files.list({ limit: PAGE })),
};
const contenders = Object.fromEntries(
  Object.entries(walks).map(([name, walk]) => [
    name,
    async () => {
      if ((await walk()) !== TOTAL) throw new Error(`${name} lost something`);
    },
  ]),
);
const samples = await time(contenders, { rounds: 25 });
const rows = summarise(samples).map((row) => ({ ...row, value: row.value / 1000 }));
report({ id: 'paging', title: 'Paging through 10,000 objects', unit: 'ms' }, rows);
