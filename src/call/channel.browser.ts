/** Stands in for `channel.ts` in the build for browsers: there are no diagnostics channels. */

import type * as channel from './channel.ts';

export const openChannel: typeof channel.openChannel = () => () => undefined;
