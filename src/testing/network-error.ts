/** What `fetch` throws when the connection is gone, in the words of Node's: a `TypeError` whose cause has a system code. */

const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });

/** The connection was reset before there was a response. */
export const fetchFailed = (cause: Error = reset()): TypeError => new TypeError('fetch failed', { cause });

/** The connection was reset within the body. */
export const terminated = (): TypeError => new TypeError('terminated', { cause: reset() });
