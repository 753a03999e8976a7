/** What `list()` returns: a call for the first page that can also be walked over. */

import { TwigValidationError } from '../errors.ts';
import type { OperationId } from '../operations.ts';
import type { CallOptions } from '../options/options.ts';
import { isPlainObject } from '../params/casing.ts';
import { type Check, pageOffset, pageSize } from '../params/checks.ts';
import type { Schema } from '../params/schema-kit.ts';
import { ASYNC_ITERATOR } from '../runtime.ts';
import { createPage, eachItem, eachPage, type ListParams, type Page, type ReadPage } from './page.ts';
import type { CallSpec, Requester } from './spec.ts';
import { attach, CallPromise, startCall, type TwigPromise } from './twig-promise.ts';

/** A list endpoint. */
export interface ListSpec<T> {
  operation: OperationId;
  /** The list's member in the answer, in camelCase; the common others are found too. */
  key: string;
  params: ListParams;
  rules?: Record<string, Check>;
  /** Fills in what servers name differently. */
  fill?: (item: T) => void;
  schema: Schema<T[]>;
}

/**
 * A list under way. Await it for its first page, or iterate it for every item of every page: pages are read when they are
 * needed, and `break` sends nothing more.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 *
 * const client = new TwigClient();
 * for await (const agent of client.agents.list()) console.log(agent.name);
 * const firstHundred = await client.agents.list().toArray({ limit: 100 });
 * ```
 */
export interface PagePromise<T> extends TwigPromise<Page<T>>, AsyncIterable<T> {
  /** Every item of every page. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
  /** Page by page. */
  pages(): AsyncGenerator<Page<T>, void, undefined>;
  /** The items as an array, `limit` of them at most: a list may be longer than memory is large. */
  toArray(options: { limit: number }): Promise<T[]>;
}

class ListPromise<T> extends CallPromise<Page<T>> implements PagePromise<T> {
  [ASYNC_ITERATOR](): AsyncIterableIterator<T> {
    return eachItem(this.pages());
  }

  pages(): AsyncGenerator<Page<T>, void, undefined> {
    this._answerFor();
    return eachPage(this);
  }

  async toArray(options: { limit: number }): Promise<T[]> {
    const pages = this.pages();
    const limit = options?.limit;
    if (!Number.isInteger(limit) || limit < 0) {
      throw new TwigValidationError([
        { path: 'limit', message: 'is required: the most items to collect, an integer ≥ 0' },
      ]);
    }
    const items: T[] = [];
    for await (const page of pages) {
      items.push(...page.data.slice(0, limit - items.length));
      if (items.length >= limit) break;
    }
    return items;
  }
}

/** Finds the list in an answer, whichever of the known names it has. */
function findList(data: unknown, key: string): [body: Record<string, unknown>, key: string] | undefined {
  if (Array.isArray(data)) return [{ [key]: data }, key];
  if (!isPlainObject(data)) return undefined;
  const name = [key, 'data', 'items', 'results'].find((candidate) => Array.isArray(data[candidate]));
  return name === undefined ? undefined : [data, name];
}

function toCall<T>(list: ListSpec<T>, next: ReadPage<T>): CallSpec<Page<T>> {
  const { operation, key, params, fill, schema, rules } = list;
  return {
    operation,
    query: params,
    rules: { limit: pageSize, offset: pageOffset, ...rules },
    schema: schema as Schema<unknown>,
    checked: (page) => page.data,
    read: (data, meta, fail) => {
      const found = findList(data, key) ?? fail('No list is in the answer');
      const page = createPage(...found, params, meta, next);
      if (fill) for (const item of page.data) fill(item);
      return page;
    },
  };
}

/** Sends the call for the first page of a list. */
export function startList<T>(request: Requester, list: ListSpec<T>, options: CallOptions | undefined): PagePromise<T> {
  const next: ReadPage<T> = (offset) =>
    startCall(request, toCall({ ...list, params: { ...list.params, offset } }, next), options);
  return attach<ListPromise<T>, Page<T>>(ListPromise, request, toCall(list, next), options);
}
