/** Responses against their documented shapes: off, noted once, or strict. The data itself is never changed or copied. */

import { describe, TwigConnectionError, TwigResponseValidationError, type ValidationIssue } from '../errors.ts';
import type { CallMeta } from '../meta.ts';
import type { Log } from '../options/logger.ts';
import type { ResponseValidation } from '../options/options.ts';
import type { Schema } from '../params/schema-kit.ts';
import { Schemas } from './schemas.ts';

/** A response that was read. */
export interface ReadResponse {
  operation: string;
  meta: CallMeta;
  schema: Schema<unknown>;
  data: unknown;
  /** Reads the data once more from its text: what the caller was given may have been changed since. */
  readAgain: () => unknown;
}

/** Checks responses. */
export interface Validator {
  /** Begins to load the schemas. Called when a request is under way, so that they are there before its response. */
  load(): void;
  /** In strict mode throws, and waits for the schemas where they are not there yet. In `warn` mode does neither. */
  check(response: ReadResponse): Promise<void> | undefined;
}

/** Numbers in a path are places in a list: the same drift in every item is one drift. */
const pattern = (path: string): string => path.replace(/(^|\.)\d+(?=\.|$)/g, '$1*');

/** In `warn` mode the first items of a page stand for the rest: a drift is a matter of the endpoint, not of an item. */
const SAMPLE = 5;

/** In `warn` mode, after a drift: as many answers of the operation are not looked at. They drift in the same way, mostly. */
const PASSED_OVER = 99;

/** What a client and those made from it remember: their schemas, what was told, and what need not be looked at. */
export interface Drifts {
  schemas: Schemas;
  told: Set<string>;
  /** How many answers of an operation are still to be passed over. */
  passing: Map<string, number>;
  /** The operations of which an answer came before the schemas. */
  early: Set<string>;
}

/** Nothing yet. */
export const createDrifts = (): Drifts => ({
  schemas: new Schemas(),
  told: new Set(),
  passing: new Map(),
  early: new Set(),
});

/** The validator of a client. */
export function createValidator(mode: ResponseValidation, log: Log, drifts: Drifts): Validator | undefined {
  const { schemas, told, passing, early } = drifts;

  const findIssues = (schema: Schema<unknown>, data: unknown): ValidationIssue[] => {
    const result = schemas.build(schema).safeParse(data);
    if (result.success) return [];
    return result.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      // Without a locale, which would be global to the program, zod/mini has no messages of its own.
      message: 'expected' in issue ? `expected ${issue.expected}` : issue.message,
    }));
  };

  const refuse = ({ operation, schema, data, meta }: ReadResponse): void => {
    const issues = findIssues(schema, data);
    if (!issues.length) return;
    const message = `${operation}: the answer is not as documented: ${describe(issues)}.`;
    throw new TwigResponseValidationError(message, { issues, meta });
  };

  const warnOnce = (subject: string, message: string, details?: () => unknown): void => {
    if (told.has(subject)) return;
    told.add(subject);
    log('warn', message, details);
  };

  const look = (operation: string, schema: Schema<unknown>, data: unknown): void => {
    const issues = findIssues(schema, Array.isArray(data) ? data.slice(0, SAMPLE) : data);
    if (issues.length) passing.set(operation, PASSED_OVER);
    for (const { path, message } of issues) {
      const place = pattern(path);
      warnOnce(`${operation} ${place}`, `${operation}: the answer is not as documented at "${place}": ${message}`);
    }
  };

  const strict: Validator['check'] = (response) => {
    if (schemas.isLoaded) return void refuse(response);
    const failed = (cause: unknown): never => {
      // The request has been answered: sending it again would not heal this.
      const options = { phase: 'body', cause, meta: response.meta, isRetryable: false } as const;
      throw new TwigConnectionError('A part of the client could not be loaded.', options);
    };
    return schemas.load().then(() => refuse(response), failed);
  };

  const lenient: Validator['check'] = ({ operation, schema, data, readAgain }) => {
    const left = passing.get(operation) ?? 0;
    if (left > 0) return void passing.set(operation, left - 1);
    if (schemas.isLoaded) return void look(operation, schema, data);
    // It is handed out now; of several such, the first stands for the rest.
    if (early.has(operation)) return undefined;
    early.add(operation);
    const later = schemas.load().then(() => look(operation, schema, readAgain()));
    later.catch((cause: unknown) =>
      warnOnce('schemas', 'responses are not validated: a part of the client is missing', () => cause),
    );
    return undefined;
  };

  if (mode === 'off') return undefined;
  return {
    load() {
      // Whoever needs them learns of a failure.
      schemas.load().catch(() => {});
    },
    check: mode === 'strict' ? strict : lenient,
  };
}
