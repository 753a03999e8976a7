/** A page of a list, and walking from it over those that follow. */

import { TwigPaginationError } from '../errors.ts';
import { defineHidden } from '../hide.ts';
import type { ResponseMeta } from '../meta.ts';
import { isPlainObject } from '../params/casing.ts';
import { ASYNC_ITERATOR } from '../runtime.ts';

/** The documented default of `limit` (API reference, "List agents"). */
const DEFAULT_LIMIT = 50;

/** Which part of a list to read. */
export interface ListParams {
  /** How many items a page has at most: 1 to 200. Default 50. */
  limit?: number | undefined;
  /** How many items to skip. Default 0. */
  offset?: number | undefined;
}

/**
 * One page of a list. Iterate it for its items and those of the pages after it. To copies, JSON and `Object.keys` it is
 * plain data: `data`, `total`, `limit`, `offset` and `extra`.
 */
export interface Page<T> extends AsyncIterable<T> {
  /** The items of this page. */
  readonly data: T[];
  /** How many items there are in all; `undefined` where the server does not say. */
  readonly total: number | undefined;
  /** How many items a page has at most. */
  readonly limit: number;
  /** How many items come before this page. */
  readonly offset: number;
  /** Whatever else the answer held. */
  readonly extra: Record<string, unknown>;
  /** What is known of the call. */
  readonly meta: ResponseMeta;
  /** Whether more items follow: by `total` where the server gives it, else by whether this page was full. */
  hasNextPage(): boolean;
  /**
   * Reads the page after this one; its offset counts the items received. Rejects with `TwigPaginationError`:
   * `no_next_page` after the last, `repeated_page` when the server ignores the offset, `empty_page` when it gives
   * nothing although its total says more.
   */
  getNextPage(): Promise<Page<T>>;
  /** The items of this page, then those of the pages after it, each read when it is needed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}

/** Reads the page that begins at `offset`. */
export type ReadPage<T> = (offset: number) => PromiseLike<Page<T>>;

/** Makes a page of an answer whose list is at `key`. A plain object: what carries data elsewhere refuses classes. */
export function createPage<T>(
  body: Record<string, unknown>,
  key: string,
  params: ListParams,
  meta: ResponseMeta,
  read: ReadPage<T>,
): Page<T> {
  const { [key]: items, total, limit, offset, ...extra } = body;
  const given = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  const data = {
    // Found to be an array before; its items are what the schema checks.
    data: items as T[],
    total: given(total),
    limit: given(limit) ?? params.limit ?? DEFAULT_LIMIT,
    // What was asked, where something was: some servers echo 0 on every page.
    offset: params.offset ?? given(offset) ?? 0,
    extra,
  };
  const page: Page<T> = defineHidden(data, {
    meta,
    hasNextPage: () => hasNextPage(page),
    getNextPage: () => getNextPage(page, read),
    [ASYNC_ITERATOR]: () => eachItem(eachPage(page)),
  });
  return page;
}

function hasNextPage({ data, total, offset, limit }: Page<unknown>): boolean {
  return total === undefined ? data.length > 0 && data.length >= limit : offset + data.length < total;
}

async function getNextPage<T>(
  { data, meta, offset, total, hasNextPage }: Page<T>,
  read: ReadPage<T>,
): Promise<Page<T>> {
  const fail = (code: 'no_next_page' | 'repeated_page' | 'empty_page', message: string): never => {
    throw new TwigPaginationError(message, { code, meta });
  };
  if (!hasNextPage()) fail('no_next_page', 'This is the last page: ask hasNextPage() first.');
  if (!data.length) fail('empty_page', `The server counts ${total} items, but gives none from offset ${offset} on.`);
  const next = await read(offset + data.length);
  if (next.data.length && isSame(next.data[0], data[0])) {
    fail('repeated_page', 'The server gave the same page again: it ignores the offset.');
  }
  return next;
}

function isSame(a: unknown, b: unknown): boolean {
  if (isPlainObject(a) && isPlainObject(b) && a.id !== undefined) return a.id === b.id;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The first page and those after it. Each is read when it is needed. */
export async function* eachPage<T>(first: Page<T> | PromiseLike<Page<T>>): AsyncGenerator<Page<T>, void, undefined> {
  let page = await first;
  yield page;
  while (page.hasNextPage()) {
    page = await page.getNextPage();
    yield page;
  }
}

/** Every item of every page; `break` sends nothing more. By hand, because a generator costs several promises an item. */
export function eachItem<T>(pages: AsyncGenerator<Page<T>, void, undefined>): AsyncIterableIterator<T> {
  let items: T[] = [];
  let index = 0;
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
    [ASYNC_ITERATOR]() {
      return this;
    },
  };
}
