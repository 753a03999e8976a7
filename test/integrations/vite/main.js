import { TwigClient } from '@twig/sdk';
import { createTwigMock } from '@twig/sdk/testing';
import { setupWorker } from 'msw/browser';

const twig = createTwigMock();
const count = async (options) => {
  const client = new TwigClient({ apiKey: 'twigsk_test_x', dangerouslyAllowBrowser: true, ...options });
  return (await client.agents.list()).data.length;
};

async function main() {
  const direct = await count({ fetch: twig.fetch });
  await setupWorker(...twig.handlers).start();
  globalThis.seen = [`fetch: ${direct}`, `worker: ${await count({})}`];
}

main();
