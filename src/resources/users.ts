/** Users of the organisation. */

import type { ListParams } from '../call/page.ts';
import { type PagePromise, startList } from '../call/page-promise.ts';
import type { Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
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
export interface Users {
  /** Lists users. Scope `admin`. */
  list(params?: ListParams, options?: CallOptions): PagePromise<User>;

  /** Makes a user. Scope `admin`. */
  create(params: UserCreateParams, options?: CallOptions): TwigPromise<User>;
}

/** Makes `client.users`. */
export function createUsers(request: Requester): Users {
  return {
    list: (params = {}, options) =>
      startList(request, { operation: 'users.list', key: 'users', params, schema: listSchema }, options),
    create: (params, options) => {
      const rules = { email: text, role: text, name: text };
      const spec = { body: params, rules, needed: ['email', 'role'], schema: userSchema };
      return startCall(request, { operation: 'users.create', ...spec }, options);
    },
  };
}
