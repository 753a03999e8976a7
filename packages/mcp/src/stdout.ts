/**
 * Stdout is the protocol's alone. The command imports this before anything else: a dependency may log while it loads, and
 * one line of it would end the connection. Whatever writes to stdout from here on writes to stderr.
 */

import { Writable } from 'node:stream';

const write = process.stdout.write.bind(process.stdout);

/** The real one, for the protocol. */
export const protocolOutput: Writable = new Writable({
  decodeStrings: false,
  write: (chunk: string | Uint8Array, _encoding, done) => void write(chunk, done),
});

// The cast: both have the same overloads, which a bound function loses.
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;

// A client may close the other one: what is logged then goes nowhere, and is no reason to end.
process.stderr.on('error', () => {});
