/** What breaks while somebody asks: each has a sentence that a person understands, and asking again works. */

import { faults } from '@twig/sdk/testing';
import { expect, it } from 'vitest';
import { QUESTION, setStage } from './stage.ts';

const stage = setStage();

const retryWorks = async (): Promise<void> => {
  await stage.chat.retry.click();
  await stage.chat.answer.getByText('You can return anything within 30 days').waitFor();
  await stage.chat.answer.getByRole('region', { name: 'Sources' }).waitFor();
  expect(await stage.chat.page.locator('.answer').count()).toBe(1);
  expect(await stage.chat.retry.isVisible()).toBe(false);
};

it('a limit: tells how long to wait, and asks again', async () => {
  stage.api.mock.faults.next('query', faults.rateLimit({ retryAfter: 7 }));
  await stage.chat.ask(QUESTION);
  await stage.chat.answer.getByText('Many people are asking right now. Please try again in 7 seconds.').waitFor();
  // Chromium tells of every answer of 400 and above; that no page can keep from its console.
  stage.expectedErrors = [/^Failed to load resource: the server responded with a status of 429/];
  await retryWorks();
});

it.each([
  ['a stream that ends too early', faults.truncateStream({ afterEvents: 5 })],
  ['a connection that breaks', faults.disconnect({ afterBytes: 150 })],
  ['an error inside the stream', faults.errorEvent({ afterEvents: 5, message: 'internal detail 4711' })],
])('%s: keeps the words that came, says that they are not all, and asks again', async (_, fault) => {
  stage.api.mock.faults.next('query', fault);
  await stage.chat.ask(QUESTION);
  await stage.chat.answer.getByText('The answer broke off before its end.').waitFor();
  expect(await stage.chat.answer.locator('.text').textContent()).toMatch(/^You can return/);
  expect(await stage.chat.page.locator('body').textContent()).not.toContain('4711');
  await retryWorks();
});

it('an API that is down: says that it is not the fault of who asks, and asks again', async () => {
  for (let attempt = 1; attempt <= 3; attempt++)
    stage.api.mock.faults.next('query', faults.status(503, { retryAfter: 60 }));
  await stage.chat.ask(QUESTION);
  await stage.chat.answer.getByText('Something went wrong on our side.').waitFor();
  stage.api.mock.faults.clear();
  stage.expectedErrors = [/^Failed to load resource: the server responded with a status of 502/];
  await retryWorks();
});

it('no network: asks whether there is one', async () => {
  await stage.chat.page.context().setOffline(true);
  await stage.chat.ask(QUESTION);
  await stage.chat.answer.getByText('We could not be reached. Are you online?').waitFor();
  await stage.chat.page.context().setOffline(false);
  stage.expectedErrors = [/^Failed to load resource: net::ERR_INTERNET_DISCONNECTED/];
  await retryWorks();
});

it('feedback that could not be stored: takes the mark back and says so', async () => {
  await stage.chat.ask(QUESTION);
  const up = stage.chat.answer.getByRole('button', { name: 'Helpful', exact: true });
  await up.waitFor();
  stage.api.mock.faults.next('interactions.submitFeedback', faults.status(404));
  await up.click();
  await stage.chat.answer.getByText('That could not be stored. Please try again.').waitFor();
  expect(await up.getAttribute('aria-pressed')).toBe('false');
  stage.expectedErrors = [/^Failed to load resource: the server responded with a status of 404/];
});
