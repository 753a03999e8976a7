/**
 * What a `fetch` gave, made into something that can be trusted. A custom one may give a response of node-fetch, of another
 * realm, of a framework or of a test: its body may be no web stream or not be there at all, its headers a plain object,
 * and whatever is touched may throw. That is dealt with here and nowhere else.
 */

import { TwigConfigError } from '../errors.ts';
import { probe } from '../runtime.ts';
import { type BodyReader, openBody, openWhole, quietly, unreadable } from './body-reader.ts';
import { type HeaderReader, headerReader, readHeaders } from './foreign-headers.ts';
import { type Redact, redactHeaders } from './redactor.ts';
import { createTextDecoder } from './text-decoder.ts';

/** A response on the way of a call. Nothing of it throws; what goes wrong with its body rejects. */
export interface HttpResponse {
  readonly status: number;
  /** Reads single headers, as they came. */
  readonly fields: HeaderReader;
  /** All headers, without secrets: a copy of our own, made when it is first asked for. */
  headers(): Headers;
  /** Reads the body piece by piece. The same reader whenever it is asked for; `undefined` when there is no body. */
  reader(): BodyReader | undefined;
  /** Reads the whole body. */
  text(): Promise<string>;
  /** Gives up a body that is not wanted, and the request that it belongs to. Nothing when it was read to its end. */
  cancel(reason?: unknown): void;
  /** What `fetch` gave, as it is. */
  readonly given: Response;
  /** The platform's `Response`, with this body in place of its own. Without one: what `fetch` gave, if it is such a one. */
  toResponse(body?: BodyInit | null): Response;
}

/** What a response may be able to do. */
interface ForeignResponse {
  status: unknown;
  statusText: unknown;
  url: unknown;
  headers: unknown;
  body: unknown;
  bodyUsed: unknown;
  text(): unknown;
  arrayBuffer(): unknown;
  bytes(): unknown;
  blob(): unknown;
  json(): unknown;
}

/** The ways to take a body whole, the best one first. */
const WHOLE = ['text', 'arrayBuffer', 'bytes', 'blob', 'json'] as const;
type Whole = (typeof WHOLE)[number];

/** The statuses of responses without a body that are no errors (WHATWG fetch, "null body status"). */
const NULL_BODY = [204, 205];

/** Three digits (RFC 9110, section 15). */
const isStatus = (status: unknown): status is number => Number.isInteger(status) && /^\d{3}$/.test(`${status}`);

/** The answer in an error that was thrown for its status, as ky, ofetch and axios do. Any other error is thrown on. */
export function answerIn(error: unknown): unknown {
  // The cast: what is missing, or throws when it is touched, is no answer.
  const response = probe(() => (error as { response?: { status?: unknown } }).response);
  const status = probe(() => response?.status);
  if (isStatus(status) && status >= 300) return response;
  throw error;
}

/**
 * Adapts what a `fetch` gave; `abort` ends the request, `redact` takes the secrets out of what headers are shown. Throws
 * {@link TwigConfigError} for what is no response, and what a broken connection throws for the one that stands for it
 * (`Response.error()`: WHATWG fetch, "network error").
 */
export function adaptResponse(given: unknown, abort: () => void, redact: Redact): HttpResponse {
  // The cast: every use is guarded.
  const foreign = given as ForeignResponse;
  const look = <Name extends keyof ForeignResponse>(name: Name): ForeignResponse[Name] | undefined =>
    probe(() => foreign[name]);
  const textOf = (name: 'statusText' | 'url'): string => probe(() => `${foreign[name] ?? ''}`) ?? '';
  const can = (name: Whole): boolean => typeof look(name) === 'function';
  const Platform = probe(({ Response }) => Response);
  const isPlatforms = probe(() => Platform !== undefined && given instanceof Platform) ?? false;

  // Looked at early where it may be a stream of Node, which ends the program when it breaks and nobody listens; late where
  // it is the platform's: to look at the body of a SvelteKit response is to take it.
  if (!isPlatforms) quietly(() => (look('body') as { on?: (...args: unknown[]) => void }).on?.('error', () => {}));

  const status = look('status');
  const isResponse = isPlatforms || look('headers') || look('body') || WHOLE.some(can);
  if (status === 0 && isResponse) throw new Error('fetch gave a response of status 0, which is a network error');
  // An error, and what has no body, is one by its status alone.
  if (!isStatus(status) || !(isResponse || status > 299 || NULL_BODY.includes(status))) {
    openBody(look('body'))?.cancel();
    quietly(abort);
    throw new TwigConfigError('The fetch of this client gave something that is no Response.');
  }

  let copy: Headers | undefined;
  const givenHeaders = look('headers');
  const copied = (): Headers => {
    copy ??= readHeaders(givenHeaders);
    return copy;
  };
  let headers: Headers | undefined;
  let opened: { reader: BodyReader | undefined } | undefined;
  let isOver = false;

  // No repetition heals a fetch that reads what it gives.
  const wasUsed = look('bodyUsed') === true;
  const take = async (name: Whole): Promise<unknown> => {
    try {
      const whole = await foreign[name]();
      // The cast: what it is not, it cannot do.
      return name === 'json' ? JSON.stringify(whole) : name === 'blob' ? await (whole as Blob).text() : whole;
    } catch (error) {
      throw wasUsed ? unreadable() : error;
    }
  };

  /** What gives the body whole, where it cannot be read piece by piece. */
  const whole = (body: unknown): (() => unknown) | undefined => {
    const name = WHOLE.find(can);
    if (name) return () => take(name);
    return body === null || body === undefined ? undefined : () => body;
  };

  const open = (): BodyReader | undefined => {
    const body = look('body');
    if (isPlatforms && body === null) return undefined;
    const onEnd = (): void => {
      isOver = true;
    };
    return openBody(body, onEnd) ?? openWhole(whole(body), onEnd);
  };

  const response: HttpResponse = {
    status,
    fields: headerReader(givenHeaders, copied),
    headers() {
      headers ??= redactHeaders(copied(), redact);
      return headers;
    },
    given: given as Response,
    reader() {
      opened ??= { reader: open() };
      return opened.reader;
    },
    async text() {
      if (can('text')) {
        const text = await take('text');
        if (typeof text !== 'string') throw unreadable();
        isOver = true;
        // The platform's own takes a byte order mark off (WHATWG Encoding, "UTF-8 decode"), node-fetch 2 does not.
        return text.replace(/^\ufeff/, '');
      }
      const decode = createTextDecoder();
      const reader = response.reader();
      let text = '';
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) return text + decode();
        text += decode(value);
      }
    },
    cancel(reason) {
      if (isOver) return;
      isOver = true;
      (opened ? opened.reader : openBody(look('body')))?.cancel(reason);
      quietly(abort);
    },
    toResponse(body) {
      if (!Platform || (body === undefined && isPlatforms)) return response.given;
      const made = new Platform(NULL_BODY.includes(status) ? null : (body ?? null), {
        status,
        // A Response refuses what HTTP cannot carry.
        statusText: textOf('statusText').replace(/[^\t\x20-\x7e\x80-\xff]/g, ''),
        headers: response.headers(),
      });
      // A constructed Response has no address of its own.
      return Object.defineProperty(made, 'url', { value: textOf('url') });
    },
  };
  return response;
}
