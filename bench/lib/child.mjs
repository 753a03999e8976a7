// Processes that are measured whole.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a program of Node, and gives what it prints. */
export async function output(args, options) {
  const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 24, ...options });
  return stdout;
}
