// The chat of examples/next-chat in Chromium: useChat on the page, a route of Next.js, the mock behind it.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { faults } from '@twig/sdk/testing';
import { startTwigServer } from '@twig/sdk/testing/server';
import { company } from '../../../examples/chat/company.ts';
import { build, launch, openChat, serve } from './site.mjs';

const KEY = 'twigsk_test_of_the_server';
const [QUESTION, OTHER] = Object.keys(company.answers);

let api;
let site;
let browser;
let chat;
before(async () => {
  build();
  api = await startTwigServer({ seed: company, rateLimits: false });
  [site, browser] = await Promise.all([serve({ TWIG_API_KEY: KEY, TWIG_BASE_URL: api.url }), launch()]);
});
after(async () => {
  await browser?.close();
  await site?.close();
  await api?.close();
});
beforeEach(async () => {
  api.mock.reset();
  chat = await openChat(browser, site.url);
});
afterEach(() => chat.page.close());

const next = (fault) => api.mock.faults.next('query', fault);
const bodies = () => api.mock.requests.filter(({ operation }) => operation === 'query').map(({ body }) => body);
const textOf = (question) => company.answers[question];
const whole = (question) => chat.answer.getByText(textOf(question).slice(-40)).waitFor();

test('an answer comes with its sources as links, and the next question goes on with its session', async () => {
  await chat.button(QUESTION).click();
  await chat.button('Helpful').waitFor();
  assert.equal(await chat.answer.locator('.text').textContent(), textOf(QUESTION));
  const sources = chat.answer.getByRole('region', { name: 'Sources' });
  await sources.getByText('Refund Policy', { exact: true }).click();
  await sources.getByText('Our refund policy allows returns').waitFor();
  assert.equal(await sources.getByRole('link').first().getAttribute('href'), 'https://example.com/refund');
  assert.match(await sources.locator('.percent').first().textContent(), /^\d\d %$/);

  await chat.ask(OTHER);
  await chat.button('Helpful').nth(1).waitFor();
  const [first, second] = bodies();
  assert.equal(first.session_id, undefined);
  assert.match(second.session_id, /^sess_/);
  assert.equal(second.query, OTHER);
});

test('feedback is stored, and a failure is told', async () => {
  await chat.ask(QUESTION);
  await chat.button('Not helpful').click();
  await chat.answer.getByText('Thank you.').waitFor();
  assert.equal(api.mock.data.interactions.at(-1).feedback, 'negative');
  api.mock.faults.next('interactions.submitFeedback', faults.status(404));
  await chat.button('Helpful').click();
  await chat.answer.getByText('That could not be stored').waitFor();
  assert.equal(await chat.button('Helpful').getAttribute('aria-pressed'), 'false');
});

test('an answer is stopped, and asked for again', async () => {
  next(faults.slowStream({ delayMs: 400 }));
  await chat.ask(QUESTION);
  await chat.answer.getByText('You can').waitFor();
  await chat.button('Stop').click();
  await chat.answer.getByText('Stopped.').waitFor();
  await chat.button('Send').waitFor();
  assert.ok((await chat.page.locator('.answer .text').first().textContent()).length < textOf(QUESTION).length);
  await chat.button('Try again').click();
  await whole(QUESTION);
  await chat.button('Helpful').waitFor();
  assert.equal(await chat.button('Try again').count(), 0);
});

test('34. after a break the half text stays, the error is told, and the next question keeps the session', async () => {
  await chat.ask(QUESTION);
  await chat.button('Helpful').waitFor();
  next(faults.truncateStream({ afterEvents: 3 }));
  await chat.ask(OTHER);
  await chat.answer.getByText('The answer broke off before its end.').waitFor();
  assert.equal((await chat.page.locator('.answer .text').nth(1).textContent()).trim(), 'Choose “Forgot password”');
  assert.equal(await chat.page.locator('.busy').count(), 0);
  await chat.button('Try again').click();
  await whole(OTHER);
  const sessions = bodies().map(({ session_id }) => session_id);
  assert.equal(sessions.length, 3);
  assert.equal(sessions[0], undefined);
  assert.match(sessions[1], /^sess_/);
  assert.equal(sessions[2], sessions[1]);
});

test('too many questions are told as such, when the retries are over', async () => {
  for (let attempt = 0; attempt < 3; attempt++) next(faults.rateLimit({ retryAfter: 0 }));
  await chat.ask(QUESTION);
  await chat.answer.getByText('Many people are asking right now.').waitFor();
  assert.equal(bodies().length, 3);
});

test('the page looks as the other chat does, in light and in dark', async () => {
  const background = () => chat.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await chat.page.emulateMedia({ colorScheme: 'light' });
  assert.equal(await background(), 'rgb(250, 249, 245)');
  await chat.page.emulateMedia({ colorScheme: 'dark' });
  assert.equal(await background(), 'rgb(18, 21, 17)');
});

test('the key is in nothing that the page loads', async () => {
  const texts = [];
  chat.page.on('response', (response) => texts.push(response.text().catch(() => '')));
  await chat.page.reload();
  await chat.ask(QUESTION);
  await chat.button('Helpful').waitFor();
  const loaded = await Promise.all(texts);
  assert.ok(loaded.some((text) => text.includes('sess_')));
  for (const text of loaded) assert.ok(!text.includes(KEY) && !text.includes('TWIG_API_KEY'));
});
