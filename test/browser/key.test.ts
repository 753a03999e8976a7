/** The key stays on the server. That no request of a page carries an `Authorization` is checked after every test. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createServer } from 'vite';
import { expect, it } from 'vitest';
import { openChat, root } from './harness.ts';
import { KEY_IN_THE_ENVIRONMENT, QUESTION, setStage } from './stage.ts';

const stage = setStage();

it('the key is in no file of the built page, whether it stood in the environment or in the code of the server', () => {
  const files = readdirSync(stage.folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const text = files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n');
  expect(text).toContain('/api/twig');
  expect(text).not.toMatch(/twigsk_/);
  expect(text).not.toContain(KEY_IN_THE_ENVIRONMENT);
  // The proxy itself is not there.
  expect(text).not.toContain('needs authorize');
});

it('the one switch that would let a client take a key in a page is set nowhere', () => {
  const sources = readdirSync(root, { withFileTypes: true }).filter((file) => file.isFile());
  const text = sources.map((file) => readFileSync(join(root, file.name), 'utf8')).join('\n');
  expect(text).toContain('apiKey: null');
  expect(text).not.toContain('dangerouslyAllowBrowser');
});

it('a key is refused by the client that the page loads: `npm run chat`, as it is', async () => {
  const server = await createServer({ root, logLevel: 'warn', server: { port: 0, host: '127.0.0.1' } });
  await server.listen();
  const url = server.resolvedUrls?.local[0] ?? '';
  try {
    const { errors, page, ask, answer } = await openChat(stage.browser, url);
    await ask(QUESTION);
    await answer.getByRole('region', { name: 'Sources' }).waitFor();
    const module = JSON.stringify(`/@fs${resolve(root, '../../dist/index.js')}`);
    const refusal = await page.evaluate(
      `import(${module}).then(({ TwigClient }) => new TwigClient({ apiKey: 'twigsk_test_in_a_page' })).catch(String)`,
    );
    expect(refusal).toMatch(/^TwigConfigError: A secret key in a browser/);
    expect(errors).toEqual([]);
    await page.close();
  } finally {
    await server.close();
  }
});
