// Starts the mock of the Twig API, and the application beside it. With TWIG_API_KEY in the environment it asks the real one.

import { spawn } from 'node:child_process';
import { startTwigServer } from '@twig/sdk/testing/server';
import { company } from '../chat/company.ts';

const { TWIG_API_KEY } = process.env;
const mock = TWIG_API_KEY ? undefined : await startTwigServer({ seed: company, latencyMs: 700 });
const twig = mock && { TWIG_API_KEY: 'twigsk_test_of_the_server', TWIG_BASE_URL: mock.url };

const next = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'dev', ...process.argv.slice(2)], {
  cwd: import.meta.dirname,
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...twig },
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => next.kill(signal));
next.once('exit', async (code) => {
  await mock?.close();
  process.exit(code ?? 0);
});
