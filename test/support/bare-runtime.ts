/** The package in a realm of its own, which has the language and only those globals that a test gives it. */

import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';

type Sdk = typeof import('@twig/sdk') & typeof import('@twig/sdk/webhooks');

/** What runtimes with a web around them have, of what the package may touch. */
const WEB = [
  'AbortController',
  'AbortSignal',
  'FormData',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'TextDecoder',
  'TextDecoderStream',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'clearTimeout',
  'crypto',
  'performance',
  'queueMicrotask',
  'setTimeout',
  'structuredClone',
] as const;

let script: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: "export * from './src/index.ts'; export * from './src/webhooks/index.ts';",
      resolveDir: new URL('../..', import.meta.url).pathname,
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'sdk',
    target: 'es2022',
  });
  return outputFiles[0]?.text ?? '';
}

/** Loads the package where the named globals are missing, and the given ones are there or stand in for others. */
export async function loadBare(missing: readonly string[], given: PropertyDescriptorMap = {}): Promise<Sdk> {
  script ??= bundle();
  const globals: Record<string, unknown> = {};
  for (const name of WEB) if (!missing.includes(name)) globals[name] = Reflect.get(globalThis, name);
  Object.defineProperties(globals, given);
  const context = createContext(globals);
  // These the language brings, or the engine.
  for (const name of missing) runInContext(`delete globalThis[${JSON.stringify(name)}]`, context);
  runInContext(await script, context);
  return runInContext('sdk', context) as Sdk;
}
