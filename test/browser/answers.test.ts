/** Asking, reading, stopping and judging on the chat page in Chromium. */

import { expect, it } from 'vitest';
import { beginStream } from '../sockets/fault-server.ts';
import { delta, done } from '../sockets/support.ts';
import { byHand, QUESTION, setStage } from './stage.ts';

const stage = setStage();

it('an answer is read while it is written', async () => {
  await using hand = await byHand(stage);
  await stage.chat.ask(QUESTION);
  const response = beginStream(await hand.respond(), delta('The first words'));
  await stage.chat.answer.getByText('The first words', { exact: true }).waitFor();
  await stage.chat.stop.waitFor();
  // Not before they were read does the rest exist.
  response.end(delta(' and the last.') + done);
  await stage.chat.answer.getByText('The first words and the last.', { exact: true }).waitFor();
  await stage.chat.send.waitFor();
});

it('an answer comes with its sources, their scores and their passages', async () => {
  await stage.chat.page.getByRole('button', { name: QUESTION }).click();
  const sources = stage.chat.answer.getByRole('region', { name: 'Sources' });
  await sources.getByText('Refund Policy', { exact: true }).waitFor();
  expect(await sources.locator('.percent').allTextContents()).toEqual([
    expect.stringMatching(/^\d\d %$/),
    expect.stringMatching(/^\d\d %$/),
    expect.stringMatching(/^\d\d %$/),
  ]);
  await sources.getByText('Refund Policy', { exact: true }).click();
  await sources.getByText('Our refund policy allows returns').waitFor();
  const link = sources.getByRole('link').first();
  expect(await link.getAttribute('href')).toBe('https://example.com/refund');
});

it('an answer is in sight while it grows, and so is the field for the next question', async () => {
  const { page, input, answer } = stage.chat;
  await page.setViewportSize({ width: 480, height: 420 });
  await stage.chat.ask(QUESTION);
  await answer.getByRole('button', { name: 'Helpful', exact: true }).waitFor();
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
  const bottom = async (): Promise<number> => {
    const box = await input.boundingBox();
    return (box?.y ?? Infinity) + (box?.height ?? 0);
  };
  expect(await bottom()).toBeLessThan(420);
  const feedback = await answer.getByRole('button', { name: 'Helpful', exact: true }).boundingBox();
  expect(feedback?.y).toBeLessThan((await bottom()) - 40);
  await page.evaluate(() => scrollTo({ top: 0 }));
  expect(await bottom()).toBeLessThan(420);
});

it('an answer goes on where the one before ended', async () => {
  await stage.chat.ask(QUESTION);
  await stage.chat.answer.getByRole('button', { name: 'Helpful', exact: true }).waitFor();
  await stage.chat.ask('How do I reset my password?');
  await expect.poll(() => stage.chat.page.getByRole('button', { name: 'Helpful', exact: true }).count()).toBe(2);
  const [first, second] = stage.api.mock.data.interactions.slice(-2);
  expect(second?.session_id).toBe(first?.session_id);
  expect(second).toMatchObject({ query: 'How do I reset my password?' });
});

it('an answer is stopped with the button, and the socket to the API closes', async () => {
  await using hand = await byHand(stage);
  await stage.chat.ask(QUESTION);
  beginStream(await hand.respond(), delta('The first words'));
  await stage.chat.answer.getByText('The first words').waitFor();
  await stage.chat.stop.click();
  await hand.arrivals[0]?.closed;
  await stage.chat.answer.getByText('Stopped.').waitFor();
  expect(await stage.chat.answer.locator('.text').textContent()).toBe('The first words');
  await stage.chat.send.waitFor();
});

it('an answer is stopped before its first word too', async () => {
  await using hand = await byHand(stage);
  await stage.chat.ask(QUESTION);
  await hand.respond();
  await stage.chat.input.press('Escape');
  await hand.arrivals[0]?.closed;
  await stage.chat.answer.getByText('Stopped.').waitFor();
});

it('an answer ends at the API when the page is closed', async () => {
  await using hand = await byHand(stage);
  await stage.chat.ask(QUESTION);
  beginStream(await hand.respond(), delta('The first words'));
  await stage.chat.answer.getByText('The first words').waitFor();
  await stage.chat.page.goto('about:blank');
  await hand.arrivals[0]?.closed;
});

it('an answer is judged: the verdict reaches the API', async () => {
  await stage.chat.ask(QUESTION);
  const up = stage.chat.answer.getByRole('button', { name: 'Helpful', exact: true });
  const down = stage.chat.answer.getByRole('button', { name: 'Not helpful' });
  await up.click();
  await stage.chat.answer.getByText('Thank you.').waitFor();
  expect(stage.api.mock.data.interactions.at(-1)?.feedback).toBe('positive');
  await down.click();
  await expect.poll(() => stage.api.mock.data.interactions.at(-1)?.feedback).toBe('negative');
  expect([await up.getAttribute('aria-pressed'), await down.getAttribute('aria-pressed')]).toEqual(['false', 'true']);
});

it('an answer brings no markup and no script into the page', async () => {
  await using hand = await byHand(stage);
  await stage.chat.ask('<b>bold</b>');
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const source = {
    chunk_id: 'c',
    document_title: evil,
    document_url: 'javascript:document.title=3',
    chunk_text: evil,
  };
  const sources = `event: sources\ndata: ${JSON.stringify({ sources: [source] })}\n\n`;
  beginStream(await hand.respond()).end(delta(evil) + sources + done);
  await stage.chat.answer.getByRole('region', { name: 'Sources' }).waitFor();
  expect(await stage.chat.answer.locator('.text').textContent()).toBe(evil);
  expect(await stage.chat.page.locator('main').locator('b, img, script, a[href]').count()).toBe(0);
  expect(await stage.chat.page.title()).toBe('Ask Twig');
});
