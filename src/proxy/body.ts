/** A page's body: bounded in size and time, and an object. */

import { systemClock } from '../clock.ts';
import { readLimited } from '../http/read-limited.ts';
import { isPlainObject, toCamel } from '../params/casing.ts';
import { parsedBodyOf } from '../server/node-adapter.ts';
import { invalid, Refusal } from './answers.ts';

/** As long as a page may take to send it. */
const TIME_MS = 10_000;

async function readInTime(request: Request, maxBytes: number): Promise<Uint8Array> {
  const stop = new AbortController();
  const late = systemClock.sleep(TIME_MS, stop.signal).then(() => {
    throw new Refusal({ status: 408, code: 'request_timeout', message: 'The body took too long.' });
  });
  late.catch(() => {});
  const bytes = await Promise.race([readLimited(request, maxBytes), late]).finally(() => stop.abort());
  if (!bytes) throw new Refusal({ status: 413, code: 'too_large', message: 'The body is too large.' });
  return bytes;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** The members of the body by their names in the program. What is inside them is for the client to check. */
export async function readBody(request: Request, maxBytes: number): Promise<Record<string, unknown>> {
  const body = parsedBodyOf(request) ?? parse(await readInTime(request, maxBytes));
  if (!isPlainObject(body)) throw invalid('The body is not a JSON object.');
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [toCamel(name), value]));
}
