#!/usr/bin/env node
/** `twig-mock`: the mock as a process, for tests in any language. */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TwigConfigError } from '../errors.ts';
import { armFault, readNumber, readRateLimits } from './cli-values.ts';
import { createTwigMock } from './mock.ts';
import { readSeed } from './seed.ts';
import { startTwigServer } from './server.ts';

const HELP = `Usage: twig-mock [options]

Serves a mock of the Twig API. Any bearer key is accepted.

  --port NUMBER         Where to listen; 0 for any free port. Default 4010.
  --host NAME           The address to listen on. Default 127.0.0.1.
  --seed FILE           What it holds: JSON, { "agents": [...], "data_sources": [...], "answers": {...}, ... }.
  --rate-limits LIMITS  "off", or limits such as write=10/15,read=200 (scope=per minute/burst).
                        Default: the documented limits.
  --latency MS          Milliseconds before every response. Default 0.
  --fault FAULT         OPERATION=NAME[:NUMBER][@WHEN]; may be given several times.
                          query=status:503:2      the next query answers 503 with Retry-After: 2
                          query=truncateStream:3@2  the second streamed query ends after three events
                          *=disconnect@10%        one call in ten is cut off
                        Names: status, rateLimit, timeout, disconnect, truncateStream, malformedEvent,
                        errorEvent, slowStream, htmlError. Operations: as the client's methods, or *.
  --help                Shows this.
`;

function readSeedFile(path: string): ReturnType<typeof readSeed> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new TwigConfigError(`--seed: cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
  return readSeed(value);
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '4010' },
      host: { type: 'string', default: '127.0.0.1' },
      seed: { type: 'string' },
      'rate-limits': { type: 'string' },
      latency: { type: 'string', default: '0' },
      fault: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const limits = values['rate-limits'];
  if (values.host.trim() === '') throw new TwigConfigError('--host takes the name or the address of a host, not "".');
  const port = readNumber('--port', values.port, 65_535);
  const options = {
    seed: values.seed === undefined ? undefined : readSeedFile(values.seed),
    rateLimits: limits === undefined ? undefined : readRateLimits(limits),
    latencyMs: readNumber('--latency', values.latency, 3_600_000),
  };
  const mock = createTwigMock(options);
  for (const fault of values.fault) armFault(mock.faults, fault);
  const server = await startTwigServer({ port, host: values.host, mock });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
  process.stdout.write(`The Twig mock listens on ${server.url}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { message } = Object(error) as { message?: string };
  process.stderr.write(`twig-mock: ${message}\nSee twig-mock --help.\n`);
  process.exitCode = 2;
});
