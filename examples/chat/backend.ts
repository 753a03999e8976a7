// The server's side of the page, as a plugin of Vite: the mock of the API with the proxy in front of it. In a real app
// the client has your key, `authorize` knows your visitors, and the same handler is mounted in your own server.

import { TwigClient } from '@twig/sdk';
import { createTwigProxy, toNodeHandler } from '@twig/sdk/proxy';
import { startTwigServer } from '@twig/sdk/testing/server';
import type { Plugin, PreviewServer, ViteDevServer } from 'vite';
import { company } from './company.ts';

/** Without the address of an API it starts a mock of its own. */
export function twigBackend(apiUrl?: string): Plugin {
  const mount = async ({ middlewares, httpServer }: ViteDevServer | PreviewServer): Promise<void> => {
    const mock = apiUrl ? undefined : await startTwigServer({ seed: company, latencyMs: 700 });
    httpServer?.on('close', () => void mock?.close());
    const proxy = createTwigProxy({
      // A page should not wait long without a word: longer waits are for it to tell.
      client: new TwigClient({
        apiKey: 'twigsk_test_of_the_server',
        baseUrl: apiUrl ?? mock?.url,
        maxRetryDelayMs: 2000,
      }),
      authorize: () => ({ agentIds: ['agent_abc123'] }),
      operations: ['query', 'submitFeedback'],
      onError: (error) => console.error(String(error)),
    });
    middlewares.use('/api/twig', toNodeHandler(proxy));
  };
  return { name: 'twig-backend', configureServer: mount, configurePreviewServer: mount };
}
