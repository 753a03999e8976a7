/** Responses against their documented shapes: off, noted once, or strict. The data itself is never changed or copied. */

import { describe, TwigResponseValidationError, type ValidationIssue } from '../errors.ts';
import type { CallMeta } from '../meta.ts';
import type { Log } from '../options/logger.ts';
import type { ResponseValidation } from '../options/options.ts';
import type { Kit, Schema } from '../params/schema-kit.ts';
import { loadSchemaKit } from './load.ts';

type Built = ReturnType<Schema<unknown>>;

/** Checks data, and throws in strict mode only. The first check waits for the schema library, and only that one. */
export type Validator = (
  schema: Schema<unknown>,
  data: unknown,
  operation: string,
  meta: CallMeta,
) => Promise<void> | undefined;

/** Numbers in a path are places in a list: the same drift in every item is one drift. */
const pattern = (path: string): string => path.replace(/(^|\.)\d+(?=\.|$)/g, '$1*');

/** In `warn` mode the first items of a page stand for the rest: a drift is a matter of the endpoint, not of an item. */
const SAMPLE = 5;

/** What a client and those made from it remember: the schemas that were built and the drifts that were told. */
export interface Drifts {
  schemas: Map<Schema<unknown>, Built>;
  told: Set<string>;
}

/** Nothing yet. */
export const createDrifts = (): Drifts => ({ schemas: new Map(), told: new Set() });

/** The validator of a client. */
export function createValidator(mode: ResponseValidation, log: Log, { schemas, told }: Drifts): Validator | undefined {
  if (mode === 'off') return undefined;
  let kit: Kit | undefined;
  const check: Validator = (schema, data, operation, meta) => {
    if (!kit) {
      return loadSchemaKit().then((loaded) => {
        kit = loaded;
        return check(schema, data, operation, meta);
      });
    }
    let built = schemas.get(schema);
    if (!built) {
      built = schema(kit);
      schemas.set(schema, built);
    }
    const result = built.safeParse(mode === 'warn' && Array.isArray(data) ? data.slice(0, SAMPLE) : data);
    if (result.success) return undefined;
    const issues: ValidationIssue[] = result.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      // Without a locale, which would be global to the program, zod/mini has no messages of its own.
      message: 'expected' in issue ? `expected ${issue.expected}` : issue.message,
    }));
    if (mode === 'strict') {
      throw new TwigResponseValidationError(`${operation}: the answer is not as documented: ${describe(issues)}.`, {
        issues,
        meta,
      });
    }
    for (const { path, message } of issues) {
      const drift = `${operation} ${pattern(path)}`;
      if (told.has(drift)) continue;
      told.add(drift);
      log('warn', `${operation}: the answer is not as documented at "${pattern(path)}": ${message}`);
    }
    return undefined;
  };
  return check;
}
