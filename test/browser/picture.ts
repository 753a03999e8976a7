// The picture of the README: `npm run build:js && node test/browser/picture.ts`. An answer that is whole, in the light,
// and one that is being written, in the dark.

import { resolve } from 'node:path';
import { faults } from '@twig/sdk/testing';
import { startTwigServer } from '@twig/sdk/testing/server';
import { company } from '../../examples/chat/company.ts';
import { launch } from './chromium.ts';
import { buildChat, openChat, serveChat } from './harness.ts';

const [browser, built, api] = await Promise.all([
  launch(),
  buildChat(),
  startTwigServer({ seed: company, latencyMs: 300 }),
]);
const site = await serveChat(built.folder, api.url);
const look = { viewport: { width: 640, height: 720 }, deviceScaleFactor: 1.25 };

const light = await openChat(browser, site.url, { ...look, colorScheme: 'light' });
await light.ask('What is your refund policy?');
await light.answer.getByRole('button', { name: 'Helpful', exact: true }).click();
await light.answer.getByText('Thank you.').waitFor();
await light.answer.locator('summary').first().click();
await light.input.focus();

const dark = await openChat(browser, site.url, { ...look, colorScheme: 'dark' });
await dark.ask('How do I reset my password?');
await dark.answer.getByRole('button', { name: 'Helpful', exact: true }).waitFor();
api.mock.faults.next('query', faults.slowStream({ delayMs: 200 }));
await dark.ask('What is pricing for a team of twelve?');
await dark.answer.getByText(/Every plan/).waitFor();

const shots = [];
for (const { page } of [dark, light]) shots.unshift((await page.screenshot()).toString('base64'));
const frame = await browser.newPage({ viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1.25 });
await frame.setContent(
  `<style>body { margin: 0; display: flex } img { width: 640px }</style>${shots
    .map((shot) => `<img src="data:image/png;base64,${shot}">`)
    .join('')}`,
);
await frame.screenshot({ path: resolve(import.meta.dirname, '../../docs/images/chat.png') });

await browser.close();
await site.close();
await api.close();
built.remove();
