/** `sync_source`: has a data source read anew. */

import type { DataSourceStatus } from '../resources/wait-until-ready.ts';
import type { ToolSettings } from './options.ts';
import { reachableSources } from './reach.ts';
import { boolean, id, maybeNumber, named, object, optional, string, toolSchema } from './schema.ts';
import { refusal, type Tool } from './tool.ts';

interface Args {
  dataSourceId: string;
  wait?: boolean | undefined;
}

const describe = ({ status, progressPct }: DataSourceStatus): string =>
  typeof progressPct === 'number' ? `${status}, ${progressPct} %` : status;

/** Makes the tool. */
export function syncSource(settings: ToolSettings): Tool<Args> {
  const { client } = settings;
  return {
    name: 'sync_source',
    scope: 'write',
    title: 'Sync a data source',
    description: 'Has a data source read anew.',
    inputSchema: toolSchema<Args>(
      object({ dataSourceId: id(), wait: named(optional(boolean()), 'Until it is ready: minutes') }),
    ),
    outputSchema: toolSchema(object({ status: string(), chunksIndexed: maybeNumber(), progressPct: maybeNumber() })),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    async run({ dataSourceId, wait = false }, { signal, progress }) {
      const reachable = await reachableSources(settings, signal);
      if (reachable && !reachable.includes(dataSourceId)) {
        const sources = reachable.join(', ') || 'none';
        throw refusal(`There is no data source ${JSON.stringify(dataSourceId)} here.`, `There are: ${sources}.`);
      }
      const job = await client.dataSources.sync(dataSourceId, { signal });
      let looks = 0;
      const { status, chunksIndexed, progressPct }: DataSourceStatus = wait
        ? await client.dataSources.waitUntilReady(dataSourceId, {
            signal,
            // What counts is the looks: a percentage may stand still, and a client hears only of what rises.
            onProgress: (now) => void progress(++looks, describe(now)),
          })
        : { status: typeof job.status === 'string' ? job.status : 'queued' };
      const data = { status, chunksIndexed: chunksIndexed ?? undefined, progressPct: progressPct ?? undefined };
      return { text: `${dataSourceId}: ${describe(data)}`, data };
    },
  };
}
