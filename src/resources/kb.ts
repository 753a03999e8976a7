/** The knowledge base: articles written by hand. */

import type { ListParams } from '../call/page.ts';
import { type PagePromise, startList } from '../call/page-promise.ts';
import type { Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { type Check, listOf, text } from '../params/checks.ts';
import type { Schema } from '../params/schema-kit.ts';

/** Whether readers see an article. An open set. */
export type ArticleStatus = 'draft' | 'published' | (string & {});

/** An article. Members that the API does not document are on the object too, in camelCase. */
export interface Article {
  id: string;
  title: string;
  content?: string | null | undefined;
  tags?: string[] | null | undefined;
  status?: ArticleStatus | null | undefined;
  /** ISO 8601. */
  createdAt?: string | null | undefined;
}

/** Which articles to list. */
export interface ArticleListParams extends ListParams {
  status?: ArticleStatus | undefined;
}

/** What can be changed in an article. */
export interface ArticleUpdateParams {
  title?: string | undefined;
  content?: string | undefined;
  tags?: string[] | undefined;
  status?: ArticleStatus | undefined;
}

/** A new article. */
export interface ArticleCreateParams extends ArticleUpdateParams {
  title: string;
  content: string;
}

const rules: Record<string, Check> = { title: text, content: text, tags: listOf(text), status: text };

const articleSchema: Schema<Article> = ({ array, nullish, shape, string }) =>
  shape<Article>()({
    id: string(),
    title: string(),
    content: nullish(string()),
    tags: nullish(array(string())),
    status: nullish(string()),
    createdAt: nullish(string()),
  });

const listSchema: Schema<Article[]> = (kit) => kit.array(articleSchema(kit));

/** `client.kb` */
export interface KnowledgeBase {
  /** Lists articles. Scope `read`. */
  list(params?: ArticleListParams, options?: CallOptions): PagePromise<Article>;

  /** Makes an article. Scope `write`. */
  create(params: ArticleCreateParams, options?: CallOptions): TwigPromise<Article>;

  /** Changes what is given of an article; that makes a new version of it. Scope `write`. */
  update(id: string, params: ArticleUpdateParams, options?: CallOptions): TwigPromise<Article>;
}

/** Makes `client.kb`. */
export function createKnowledgeBase(request: Requester): KnowledgeBase {
  return {
    list: (params = {}, options) => {
      const list = { key: 'articles', params, rules: { status: text }, schema: listSchema };
      return startList(request, { operation: 'kb.list', ...list }, options);
    },
    create: (params, options) => {
      const spec = { body: params, rules, needed: ['title', 'content'], schema: articleSchema };
      return startCall(request, { operation: 'kb.create', ...spec }, options);
    },
    update: (id, params, options) =>
      startCall(request, { operation: 'kb.update', id, body: params, rules, schema: articleSchema }, options),
  };
}
