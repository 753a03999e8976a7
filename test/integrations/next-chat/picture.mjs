// The picture of docs/ai-sdk.md: `npm run picture` here, after the tests. An answer that is whole, in the light, and one
// that broke off, in the dark.

import { join } from 'node:path';
import { faults } from '@twig/sdk/testing';
import { startTwigServer } from '@twig/sdk/testing/server';
import { company } from '../../../examples/chat/company.ts';
import { launch, openChat, serve } from './site.mjs';

const [first, second, third] = Object.keys(company.answers);
const api = await startTwigServer({ seed: company });
const env = { TWIG_API_KEY: 'twigsk_test_of_the_server', TWIG_BASE_URL: api.url };
const [site, browser] = await Promise.all([serve(env), launch()]);
const look = { viewport: { width: 640, height: 720 }, deviceScaleFactor: 1.25 };

const light = await openChat(browser, site.url, { ...look, colorScheme: 'light' });
await light.ask(first);
await light.button('Helpful').click();
await light.answer.getByText('Thank you.').waitFor();
await light.answer.locator('summary').first().click();
await light.input.focus();

const dark = await openChat(browser, site.url, { ...look, colorScheme: 'dark' });
await dark.ask(second);
await dark.button('Helpful').waitFor();
api.mock.faults.next('query', faults.truncateStream({ afterEvents: 12 }));
await dark.ask(third);
await dark.button('Try again').waitFor();

const shots = [];
for (const { page } of [light, dark]) shots.push((await page.screenshot()).toString('base64'));
const frame = await browser.newPage({ viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1.25 });
const images = shots.map((shot) => `<img src="data:image/png;base64,${shot}">`).join('');
await frame.setContent(`<style>body { margin: 0; display: flex } img { width: 640px }</style>${images}`);
await frame.screenshot({ path: join(import.meta.dirname, '../../../docs/images/next-chat.png') });

await browser.close();
await site.close();
await api.close();
