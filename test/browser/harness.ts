/** The built chat page on a server of its own, and what a browser has to say about it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { build, preview } from 'vite';
import { twigBackend } from '../../examples/chat/backend.ts';

export const root = resolve(import.meta.dirname, '../../examples/chat');

/** Builds the page as `vite build` does. */
export async function buildChat(): Promise<{ folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'twig-chat-'));
  await build({ root, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Serves a built page, with the proxy in front of the API at that address. */
export async function serveChat(folder: string, apiUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = await preview({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [twigBackend(apiUrl)],
    build: { outDir: folder },
    preview: { port: 0, host: '127.0.0.1' },
  });
  return { url: server.resolvedUrls?.local[0] ?? '', close: () => server.close() };
}

/** The page as a person finds their way in it. */
export interface Chat {
  page: Page;
  input: Locator;
  send: Locator;
  stop: Locator;
  retry: Locator;
  /** The last answer. */
  answer: Locator;
  status: Locator;
  /** Every error on the console and every uncaught one. */
  errors: string[];
  /** The headers of every request to the proxy. */
  sent: Record<string, string>[];
  ask(question: string): Promise<void>;
}

export async function openChat(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Chat> {
  const page = await browser.newPage(options);
  const errors: string[] = [];
  const sent: Record<string, string>[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    if (request.url().includes('/api/twig')) sent.push(request.headers());
  });
  await page.goto(url);
  const input = page.getByLabel('Your question');
  return {
    page,
    input,
    send: page.getByRole('button', { name: 'Send' }),
    stop: page.getByRole('button', { name: 'Stop' }),
    retry: page.getByRole('button', { name: 'Try again' }),
    answer: page.locator('.answer').last(),
    status: page.getByRole('status'),
    errors,
    sent,
    ask: async (question) => {
      await input.fill(question);
      await input.press('Enter');
    },
  };
}
