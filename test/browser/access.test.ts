/** The chat page with the keyboard, by ear, in the light and in the dark. */

import { faults } from '@twig/sdk/testing';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { beginStream } from '../sockets/fault-server.ts';
import { delta, done } from '../sockets/support.ts';
import { byHand, QUESTION, setStage } from './stage.ts';

const stage = setStage();

it('everything is reached in order, and the focus is never lost', async () => {
  const { page } = stage.chat;
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const { ariaLabel, id, textContent, tagName } = document.activeElement as HTMLElement;
      return ariaLabel || id || `${tagName}: ${textContent?.trim()}`;
    });
  expect(await focused()).toBe('question');
  await page.keyboard.type(QUESTION);
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('Please.');
  expect(await stage.chat.input.inputValue()).toBe(`${QUESTION}\nPlease.`);
  await page.keyboard.press('Enter');
  await stage.chat.answer.getByRole('button', { name: 'Helpful', exact: true }).waitFor();
  expect(await focused()).toBe('question');
  await page.keyboard.press('Shift+Tab');
  expect(await focused()).toBe('Not helpful');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Space');
  await stage.chat.answer.getByText('Thank you.').waitFor();
  expect(await focused()).toBe('Helpful');
  await page.keyboard.press('Shift+Tab');
  expect(await focused()).toMatch(/^SUMMARY: .+ %$/s);
  await page.keyboard.press('Enter');
  await stage.chat.answer.locator('blockquote').last().waitFor();
  for (let i = 0; i < 5; i++) await page.keyboard.press('Tab');
  expect(await focused()).toBe('Send');
});

it('the one who asks again is back in the field, and Enter in the middle of an answer sends nothing', async () => {
  await using hand = await byHand(stage);
  await stage.chat.ask(QUESTION);
  await hand.respond();
  await stage.chat.ask('Another one');
  expect(await stage.chat.input.inputValue()).toBe('Another one');
  expect(hand.arrivals).toHaveLength(1);
  await stage.chat.stop.press('Enter');
  await stage.chat.retry.press('Enter');
  const response = beginStream(await hand.respond(1));
  expect(await stage.chat.input.evaluate((element) => element === document.activeElement)).toBe(true);
  response.end(delta('Yes.') + done);
  await stage.chat.send.waitFor();
});

it('an answer is told once, when it is whole, and so is what went wrong', async () => {
  await using hand = await byHand(stage);
  await stage.chat.page.evaluate(() => {
    const status = document.querySelector('[role=status]') as HTMLElement;
    const told: string[] = Object.assign(window, { told: [] }).told;
    new MutationObserver(() => told.push(status.textContent ?? '')).observe(status, { childList: true });
  });
  await stage.chat.ask(QUESTION);
  const response = beginStream(await hand.respond());
  for (const word of ['One ', 'two ', 'three.']) response.write(delta(word));
  response.end(done);
  await stage.chat.send.waitFor();
  await stage.chat.ask('More');
  beginStream(await hand.respond(1), delta('Half')).end();
  await stage.chat.retry.waitFor();
  expect(await stage.chat.page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual([
    'The answer is on its way.',
    'One two three. Sources: 0.',
    'The answer is on its way.',
    'The answer broke off before its end.',
  ]);
});

it.each(['light', 'dark'] as const)('axe finds nothing to complain about in the %s', async (colorScheme) => {
  const { page } = stage.chat;
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate(axe.source);
  const complaints = async (): Promise<string[]> => {
    const run = () => (window as unknown as { axe: typeof axe }).axe.run();
    const { violations, passes } = await page.evaluate(run);
    expect(passes.length).toBeGreaterThan(15);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  };
  expect(await complaints()).toEqual([]);
  await stage.chat.ask(QUESTION);
  await stage.chat.answer.getByRole('button', { name: 'Helpful', exact: true }).click();
  await stage.chat.answer.locator('summary').first().click();
  await stage.chat.answer.getByText('Thank you.').waitFor();
  expect(await complaints()).toEqual([]);
  stage.api.mock.faults.next('query', faults.truncateStream({ afterEvents: 5 }));
  await stage.chat.ask(QUESTION);
  await stage.chat.retry.waitFor();
  expect(await complaints()).toEqual([]);
  await page.setViewportSize({ width: 320, height: 560 });
  expect(await complaints()).toEqual([]);
  // Nothing is cut off where there is little room (WCAG 1.4.10).
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});
