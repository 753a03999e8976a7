// A fresh process that imports one client and makes one call: `cold.mjs <client>`.

import { clients, stubFetch } from './clients.mjs';
import { processor } from './measure.mjs';

const { load, create, read } = clients[process.argv[2]];
const start = processor();
const module = await load();
const imported = processor();
await read(create(module, stubFetch, 'https://api.twig.so'));
console.log(JSON.stringify({ import: imported - start, firstCall: processor() - start }));
