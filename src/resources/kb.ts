/** The knowledge base: articles written by hand. */

import { type ListParams, PagePromise } from '../call/page.ts';
import type { Requester } from '../call/spec.ts';
import { TwigPromise } from '../call/twig-promise.ts';
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
export class KnowledgeBase {
  private readonly _request: Requester;

  /** @internal */
  constructor(request: Requester) {
    this._request = request;
  }

  /** Lists articles. Scope `read`. */
  list(params: ArticleListParams = {}, options?: CallOptions): PagePromise<Article> {
    const list = { key: 'articles', params, rules: { status: text }, schema: listSchema };
    return new PagePromise(this._request, { operation: 'kb.list', ...list }, options);
  }

  /** Makes an article. Scope `write`. */
  create(params: ArticleCreateParams, options?: CallOptions): TwigPromise<Article> {
    const spec = { body: params, rules, needed: ['title', 'content'], schema: articleSchema };
    return new TwigPromise(this._request, { operation: 'kb.create', ...spec }, options);
  }

  /** Changes what is given of an article; that makes a new version of it. Scope `write`. */
  update(id: string, params: ArticleUpdateParams, options?: CallOptions): TwigPromise<Article> {
    const spec = { id, body: params, rules, schema: articleSchema };
    return new TwigPromise(this._request, { operation: 'kb.update', ...spec }, options);
  }
}
