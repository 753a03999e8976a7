/** Lists: pages, their order, and walking over all of them. */

import { TwigPaginationError, TwigValidationError } from '../errors.ts';
import { defineHidden } from '../hide.ts';
import type { ResponseMeta } from '../meta.ts';
import type { OperationId } from '../operations.ts';
import type { CallOptions } from '../options/options.ts';
import { isPlainObject } from '../params/casing.ts';
import { type Check, pageOffset, pageSize } from '../params/checks.ts';
import type { Schema } from '../params/schema-kit.ts';
import type { CallSpec, Requester } from './spec.ts';
import { TwigPromise } from './twig-promise.ts';

/** The documented default of `limit` (API reference, "List agents"). */
const DEFAULT_LIMIT = 50;

/** Which part of a list to read. */
export interface ListParams {
  /** How many items a page has at most: 1 to 200. Default 50. */
  limit?: number | undefined;
  /** How many items to skip. Default 0. */
  offset?: number | undefined;
}

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

/** One page of a list. */
export class Page<T> {
  /** The items of this page. */
  readonly data: T[];
  /** How many items there are in all; `undefined` where the server does not say. */
  readonly total: number | undefined;
  /** How many items a page has at most. */
  readonly limit: number;
  /** How many items come before this page. */
  readonly offset: number;
  /** What is known of the call. */
  readonly meta: ResponseMeta;
  /** Whatever else the answer held. */
  readonly extra: Record<string, unknown>;
  declare private readonly _next: (offset: number) => PromiseLike<Page<T>>;

  /** @internal */
  constructor(
    body: Record<string, unknown>,
    key: string,
    params: ListParams,
    meta: ResponseMeta,
    next: Page<T>['_next'],
  ) {
    const { [key]: items, total, limit, offset, ...extra } = body;
    const given = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
    // Found to be an array before; its items are what the schema checks.
    this.data = items as T[];
    this.total = given(total);
    this.limit = given(limit) ?? params.limit ?? DEFAULT_LIMIT;
    // What was asked, where something was: some servers echo 0 on every page.
    this.offset = params.offset ?? given(offset) ?? 0;
    this.meta = meta;
    this.extra = extra;
    defineHidden(this, { _next: next });
  }

  /** Whether more items follow: by `total` where the server gives it, else by whether this page was full. */
  hasNextPage(): boolean {
    const { data, total, offset, limit } = this;
    return total === undefined ? data.length > 0 && data.length >= limit : offset + data.length < total;
  }

  /**
   * Reads the page after this one; its offset counts the items received. Rejects with {@link TwigPaginationError}:
   * `no_next_page` after the last, `repeated_page` when the server ignores the offset, `empty_page` when it gives
   * nothing although its total says more.
   */
  async getNextPage(): Promise<Page<T>> {
    const { data, meta, offset, total } = this;
    const fail = (code: 'no_next_page' | 'repeated_page' | 'empty_page', message: string): never => {
      throw new TwigPaginationError(message, { code, meta });
    };
    if (!this.hasNextPage()) fail('no_next_page', 'This is the last page: ask hasNextPage() first.');
    if (!data.length) fail('empty_page', `The server counts ${total} items, but gives none from offset ${offset} on.`);
    const next = await this._next(offset + data.length);
    if (next.data.length && isSame(next.data[0], data[0])) {
      fail('repeated_page', 'The server gave the same page again: it ignores the offset.');
    }
    return next;
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (isPlainObject(a) && isPlainObject(b) && a.id !== undefined) return a.id === b.id;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Finds the list in an answer, whichever of the known names it has. */
function findList(data: unknown, key: string): [body: Record<string, unknown>, key: string] | undefined {
  if (Array.isArray(data)) return [{ [key]: data }, key];
  if (!isPlainObject(data)) return undefined;
  const name = [key, 'data', 'items', 'results'].find((candidate) => Array.isArray(data[candidate]));
  return name === undefined ? undefined : [data, name];
}

function toCall<T>(list: ListSpec<T>, next: Page<T>['_next']): CallSpec<Page<T>> {
  const { operation, key, params, fill, schema, rules } = list;
  return {
    operation,
    query: params,
    rules: { limit: pageSize, offset: pageOffset, ...rules },
    schema: schema as Schema<unknown>,
    checked: (page) => page.data,
    read: (data, meta, fail) => {
      const found = findList(data, key) ?? fail('No list is in the answer');
      const page = new Page<T>(...found, params, meta, next);
      if (fill) for (const item of page.data) fill(item);
      return page;
    },
  };
}

/**
 * A list under way. Await it for its first page, or iterate it for every item of every page.
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
export class PagePromise<T> extends TwigPromise<Page<T>> implements AsyncIterable<T> {
  /** @internal */
  constructor(request: Requester, list: ListSpec<T>, options: CallOptions | undefined) {
    const next = (offset: number): PromiseLike<Page<T>> =>
      new TwigPromise(request, toCall({ ...list, params: { ...list.params, offset } }, next), options);
    super(request, toCall(list, next), options);
  }

  /** Every item of every page. Pages are read when they are needed; `break` sends nothing more. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> & AsyncIterable<T> {
    const pages = this.pages();
    let items: T[] = [];
    let index = 0;
    // By hand, because a generator costs several promises an item.
    const next = async (): Promise<IteratorResult<T, undefined>> => {
      while (index >= items.length) {
        const { done, value } = await pages.next();
        if (done) return { done, value: undefined };
        items = value.data;
        index = 0;
      }
      return { done: false, value: items[index++] as T };
    };
    return {
      next: () => (index < items.length ? Promise.resolve({ done: false, value: items[index++] as T }) : next()),
      return: async () => {
        await pages.return();
        items = [];
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Page by page. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let page: Page<T> = await this;
    yield page;
    while (page.hasNextPage()) {
      page = await page.getNextPage();
      yield page;
    }
  }

  /** The items as an array, `limit` of them at most: a list may be longer than memory is large. */
  async toArray(options: { limit: number }): Promise<T[]> {
    const limit = options?.limit;
    if (!Number.isInteger(limit) || limit < 0) {
      throw new TwigValidationError([
        { path: 'limit', message: 'is required: the most items to collect, an integer ≥ 0' },
      ]);
    }
    const items: T[] = [];
    for await (const page of this.pages()) {
      items.push(...page.data.slice(0, limit - items.length));
      if (items.length >= limit) break;
    }
    return items;
  }
}
