/** What is said when the optional peer msw is not installed. */

import { TwigConfigError } from '../errors.ts';

/** Tells what to install when msw was not found; any other failure is passed on as it is. */
export function withoutMsw(error: unknown): never {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  if (!isMissing || !/['"]msw['"]/.test(String(message))) throw error;
  throw new TwigConfigError('@twig/sdk/testing needs msw, which is not installed.', {
    cause: error,
    hint: 'Install it beside @twig/sdk: npm install --save-dev msw@3',
  });
}
