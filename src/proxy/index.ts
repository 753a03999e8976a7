/** `@twig/sdk/proxy`: answers in the page, the key on the server. */

export { TwigConfigError, TwigError } from '../errors.ts';
export type { PlatformRequest, PlatformResponse } from '../platform.ts';
export {
  type FetchHandler,
  type NodeHandler,
  type NodeRequest,
  type NodeResponse,
  toNodeHandler,
} from '../server/node-adapter.ts';
export type { CorsOptions } from './cors.ts';
export type { TwigProxyGrant, TwigProxyVerdict } from './grant.ts';
export type { TwigProxyClient, TwigProxyOperation } from './operations.ts';
export { createTwigProxy, type TwigProxyOptions } from './proxy.ts';
