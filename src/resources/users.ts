/** Users of the organisation. */

import { type ListParams, PagePromise } from '../call/page.ts';
import type { Requester } from '../call/spec.ts';
import { TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { text } from '../params/checks.ts';
import type { Schema } from '../params/schema-kit.ts';

/** What a user may do. An open set. */
export type Role = 'readonly' | 'train' | 'configure' | 'admin' | (string & {});

/** A user. Members that the API does not document are on the object too, in camelCase. */
export interface User {
  id: string;
  email: string;
  name?: string | null | undefined;
  role?: Role | null | undefined;
  /** ISO 8601. */
  createdAt?: string | null | undefined;
}

/** A new user. */
export interface UserCreateParams {
  email: string;
  role: Role;
  name?: string | undefined;
}

const userSchema: Schema<User> = ({ nullish, shape, string }) =>
  shape<User>()({
    id: string(),
    email: string(),
    name: nullish(string()),
    role: nullish(string()),
    createdAt: nullish(string()),
  });

const listSchema: Schema<User[]> = (kit) => kit.array(userSchema(kit));

/** `client.users` */
export class Users {
  private readonly _request: Requester;

  /** @internal */
  constructor(request: Requester) {
    this._request = request;
  }

  /** Lists users. Scope `admin`. */
  list(params: ListParams = {}, options?: CallOptions): PagePromise<User> {
    return new PagePromise(
      this._request,
      { operation: 'users.list', key: 'users', params, schema: listSchema },
      options,
    );
  }

  /** Makes a user. Scope `admin`. */
  create(params: UserCreateParams, options?: CallOptions): TwigPromise<User> {
    const rules = { email: text, role: text, name: text };
    const spec = { body: params, rules, needed: ['email', 'role'], schema: userSchema };
    return new TwigPromise(this._request, { operation: 'users.create', ...spec }, options);
  }
}
