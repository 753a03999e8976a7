/** A client over a scripted `fetch` that records what it was asked to send. */

import './loaded.ts';
import { type FetchInit, TwigClient, type TwigClientOptions } from '@twig/sdk';

/** One recorded request. */
export interface Sent {
  url: string;
  init: FetchInit;
}

/** Gives the answer to the n-th request (from 0), or throws as `fetch` would. */
export type Script = (sent: Sent, index: number) => Response | Promise<Response>;

/** A client and what it sent. Quiet, with a test key. */
export function scriptedClient(script: Script, options: TwigClientOptions = {}): { client: TwigClient; sent: Sent[] } {
  const sent: Sent[] = [];
  const client = new TwigClient({
    apiKey: 'twigsk_test_0123456789',
    logLevel: 'off',
    fetch: async (url, init) => {
      const request = { url, init };
      sent.push(request);
      return script(request, sent.length - 1);
    },
    ...options,
  });
  return { client, sent };
}

/** A JSON answer. */
export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** A streamed answer, its text cut into the given chunks. */
export function sse(chunks: string | (string | Uint8Array)[], headers: Record<string, string> = {}): Response {
  const encoder = new TextEncoder();
  const rest = (typeof chunks === 'string' ? [chunks] : chunks).values();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = rest.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream', ...headers } });
}

/** What a promise rejects with; fails the test when it does not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
}

/** Answers with these, one after the other; with the last one again and again. */
export const inTurn =
  (...answers: (() => Response | Promise<Response>)[]): Script =>
  (_sent, index) =>
    (answers[Math.min(index, answers.length - 1)] as () => Response)();

/** What Node's `fetch` throws when a system call fails so. */
export const fetchFailure =
  (code: string): (() => Promise<never>) =>
  () =>
    Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(code), { code }) }));
