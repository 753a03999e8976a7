/** Stands in for `node.ts` in the build for browsers: there is no Node, so nothing looks for it. */

import type * as node from './node.ts';

export const env: typeof node.env = () => undefined;
export const isNode: typeof node.isNode = () => false;
export const builtinModule: typeof node.builtinModule = () => undefined;
