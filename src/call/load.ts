/**
 * What loads with a call, and not with an import: ky and zod cost more than all the rest. The modules for browsers have
 * `load.browser.ts` in its stead.
 */

import type { Kit } from '../params/schema-kit.ts';

export const loadTransport = (): Promise<typeof import('./transport.ts')> => import('./transport.ts');

export const loadSchemaKit = (): Promise<Kit> => import('../params/schema-kit.ts').then(({ kit }) => kit);
