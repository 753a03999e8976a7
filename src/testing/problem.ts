/** Why a request is refused, and the documented body of that. */

const CODES: Record<number, string> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  429: 'rate_limit_exceeded',
  500: 'internal_error',
  503: 'service_unavailable',
};

/** What a problem says beyond its message. */
export interface ProblemOptions {
  code?: string | undefined;
  details?: Record<string, unknown> | undefined;
  headers?: Record<string, string | number> | undefined;
}

/** Ends the handling of a request with an error response. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, { code, details = {}, headers = {} }: ProblemOptions = {}) {
    super(message);
    this.status = status;
    this.code = code ?? CODES[status] ?? `http_${status}`;
    this.details = details;
    this.headers = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  }
}

/** The documented body of an error. */
export const problemBody = ({ code, message, details }: Problem, requestId: string): Record<string, unknown> => ({
  error: { code, message, details },
  request_id: requestId,
});
