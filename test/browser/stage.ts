/** What the tests of a file share: a browser, the built page with the mock behind it, and a fresh page for each test. */

import type { ServerResponse } from 'node:http';
import { startTwigServer, type TwigServer } from '@twig/sdk/testing/server';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { company } from '../../examples/chat/company.ts';
import { httpServer } from '../sockets/fault-server.ts';
import { launch } from './chromium.ts';
import { buildChat, type Chat, openChat, serveChat } from './harness.ts';

export const QUESTION = 'What is your refund policy?';

/** Stands in the environment while the page is built. */
export const KEY_IN_THE_ENVIRONMENT = 'twigsk_live_of_the_build_machine';

export interface Stage {
  browser: Browser;
  /** The mock behind the page. */
  api: TwigServer;
  /** The folder of the built page. */
  folder: string;
  chat: Chat;
  /**
   * What the browser itself writes on its console about the requests that a test lets fail; no page can keep that from
   * it. Anything else there fails the test.
   */
  expectedErrors: RegExp[];
}

/** Registers the hooks, and gives what they fill. */
export function setStage(): Stage {
  // Filled before the first test runs.
  const stage = {} as Stage;
  let built: Awaited<ReturnType<typeof buildChat>> | undefined;
  let site: Awaited<ReturnType<typeof serveChat>> | undefined;

  beforeAll(async () => {
    vi.stubEnv('TWIG_API_KEY', KEY_IN_THE_ENVIRONMENT);
    stage.browser = await launch();
    stage.api = await startTwigServer({ seed: company, latencyMs: 50 });
    built = await buildChat();
    vi.unstubAllEnvs();
    stage.folder = built.folder;
    site = await serveChat(built.folder, stage.api.url);
  });
  afterAll(async () => {
    await stage.browser?.close();
    await site?.close();
    await stage.api?.close();
    built?.remove();
  });
  beforeEach(async () => {
    // The server's side says on its console what it did not tell the page.
    vi.spyOn(console, 'error').mockImplementation(() => {});
    stage.api.mock.reset();
    stage.expectedErrors = [];
    stage.chat = await openChat(stage.browser, site?.url ?? '');
  });
  afterEach(async () => {
    const { errors, page, sent } = stage.chat;
    await page.close();
    const { expectedErrors } = stage;
    expect(errors.filter((error) => !expectedErrors.some((pattern) => pattern.test(error)))).toEqual([]);
    expect(expectedErrors.filter((pattern) => !errors.some((error) => pattern.test(error)))).toEqual([]);
    for (const headers of sent) expect(headers).not.toHaveProperty('authorization');
  });
  return stage;
}

/** An API whose answers the test holds in its hand, and the page in front of it. */
export async function byHand({ chat, folder }: Stage) {
  const responses: ServerResponse[] = [];
  const server = await httpServer((response) => void responses.push(response));
  const site = await serveChat(folder, server.url);
  await chat.page.goto(site.url);
  return {
    arrivals: server.arrivals,
    respond: async (index = 0) => {
      await expect.poll(() => responses.length).toBeGreaterThan(index);
      return responses[index] as ServerResponse;
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await site.close();
    },
  };
}
