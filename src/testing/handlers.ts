/**
 * The mock as a handler of MSW, made without MSW: its versions 2 and 3 look at the members of a handler and not at its
 * class, so that nothing has to be imported, and none has to be installed for the mock's other doors.
 */

import { TwigConfigError } from '../errors.ts';
import { readRequest } from './fetch.ts';
import { isInApi } from './find-endpoint.ts';
import type { Responder } from './responder.ts';

/** What MSW calls a handler with. */
interface Run {
  readonly request: Request;
  /** MSW 2.0 has none. */
  readonly requestId?: string;
}

function checked(run: Run): Run {
  if (typeof run?.request?.text === 'function') return run;
  throw new TwigConfigError(
    'twig.handlers are for msw 2 and 3, and this is another version: npm install --save-dev msw@3, or pass twig.fetch to the client, which needs none.',
  );
}

const isTwigs = ({ url }: Request): boolean => {
  const { hostname, pathname } = new URL(url);
  return hostname === 'api.twig.so' || isInApi(pathname);
};

async function handle(respond: Responder, request: Request): Promise<Response> {
  const { signal } = request;
  try {
    const response = await respond(await readRequest(request), signal);
    // Without a framing, msw 3 ends a body with the connection: a break would look like a clean end, and undici would
    // take the close after an abort for that end, which ends the process (`assert(!this.aborted)`).
    if (response.body) response.headers.set('transfer-encoding', 'chunked');
    return response;
  } catch (error) {
    if (signal.aborted) return Response.error();
    throw error;
  }
}

/** The handlers of `twig.handlers`: one, for all endpoints. */
export function createHandlers(respond: Responder): never[] {
  const handler = {
    kind: 'request',
    /** What older versions of msw 2 call `kind`. */
    __kind: 'RequestHandler',
    info: { header: 'all */api/v1/*', method: /.+/, path: '*/api/v1/*' },
    isUsed: false,
    async run(run: Run) {
      const { request, requestId } = checked(run);
      if (!isTwigs(request)) return null;
      handler.isUsed = true;
      // Listeners to MSW's events may want to read it as well.
      const copy = request.clone();
      return { handler, request: copy, requestId, response: await handle(respond, request) };
    },
    parse: async () => ({}),
    predicate: (run: Run) => isTwigs(checked(run).request),
    test: async (run: Run) => isTwigs(checked(run).request),
    log({ request, response }: { request: Request; response: Response }) {
      // A copy that nobody reads: the page's own could not be given up otherwise.
      response.body?.cancel().catch(() => {});
      console.log(`[MSW] ${request.method} ${request.url} (${response.status})`);
    },
    reset() {},
    restore() {},
    dispose() {},
  };
  // As its doc comment in `TwigMock` says.
  return [handler as never];
}
