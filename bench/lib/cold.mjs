// A fresh process that imports one client and makes one call: `cold.mjs <client> [<url>]`, without an address over a stub.

import { clients, stubFetch } from './clients.mjs';
import { processor, wall } from './measure.mjs';

const [, , name, url] = process.argv;
const { load, create, read } = clients[name];
const start = processor();
const startedAt = wall();
const module = await load();
const imported = processor();
await read(url ? create(module, (...args) => fetch(...args), url) : create(module, stubFetch, 'https://api.twig.so'));
const answered = wall() - startedAt;
console.log(JSON.stringify({ import: imported - start, firstCall: processor() - start, answered }));
