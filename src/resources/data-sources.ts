/** Data sources: the knowledge that agents read from. */

import type { ListParams } from '../call/page.ts';
import { type PagePromise, startList } from '../call/page-promise.ts';
import type { Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
import type { Clock } from '../clock.ts';
import type { WarnOfUnknown } from '../options/option-names.ts';
import type { CallOptions } from '../options/options.ts';
import { type Check, object, text } from '../params/checks.ts';
import { fill } from '../params/fill.ts';
import type { Schema } from '../params/schema-kit.ts';
import {
  type DataSourceState,
  type DataSourceStatus,
  WAIT_OPTIONS,
  type WaitOptions,
  waitUntilReady,
} from './wait-until-ready.ts';

/** Where knowledge comes from. An open set. */
export type DataSourceType =
  | 'website'
  | 'file'
  | 'confluence'
  | 'slack'
  | 'google_drive'
  | 'sharepoint'
  | (string & {});
/** How often a source is read anew. An open set. */
export type SyncFrequency = 'hourly' | 'daily' | 'weekly' | 'manual' | (string & {});

/** What a website source reads. */
export interface WebsiteConfig {
  /** Where to begin. */
  url: string;
  /** The most pages to read. */
  maxPages?: number | undefined;
  [key: string]: unknown;
}

/** A data source. Members that the API does not document are on the object too, in camelCase. */
export interface DataSource {
  id: string;
  type: DataSourceType;
  name: string;
  /** As it was given; its keys are camelCase where they are identifiers. */
  config?: Record<string, unknown> | null | undefined;
  syncFrequency?: SyncFrequency | null | undefined;
  status?: DataSourceState | null | undefined;
  /** ISO 8601. */
  createdAt?: string | null | undefined;
}

interface DataSourceCreateBase {
  name: string;
  syncFrequency?: SyncFrequency | undefined;
}

/** A new data source; `config` depends on `type`. Keys of `config` that are no camelCase identifiers are sent as they are. */
export type DataSourceCreateParams =
  | (DataSourceCreateBase & { type: 'website'; config?: WebsiteConfig | undefined })
  | (DataSourceCreateBase & {
      type: 'file' | 'confluence' | 'slack' | 'google_drive' | 'sharepoint' | (string & {});
      config?: Record<string, unknown> | undefined;
    });

/** Which data sources to list. */
export interface DataSourceListParams extends ListParams {
  status?: DataSourceState | undefined;
}

/** The queued job, as the server describes it; `{}` when it says nothing. */
export interface SyncJob {
  [key: string]: unknown;
}

const rules: Record<string, Check> = { type: text, name: text, config: object, syncFrequency: text };

const sourceSchema: Schema<DataSource> = ({ dictionary, nullish, shape, string }) =>
  shape<DataSource>()({
    id: string(),
    type: string(),
    name: string(),
    config: nullish(dictionary()),
    syncFrequency: nullish(string()),
    status: nullish(string()),
    createdAt: nullish(string()),
  });

const listSchema: Schema<DataSource[]> = (kit) => kit.array(sourceSchema(kit));

const statusSchema: Schema<DataSourceStatus> = ({ nullish, number, shape, string }) =>
  shape<DataSourceStatus>()({
    status: string(),
    chunksIndexed: nullish(number()),
    progressPct: nullish(number()),
    estimatedCompletion: nullish(string()),
  });

function fillSource(source: DataSource): void {
  fill(source, 'type', 'sourceType');
  fill(source, 'config', 'connectionParams');
  fill(source, 'syncFrequency', 'syncSchedule');
}

/** `client.dataSources` */
export interface DataSources {
  /** Lists data sources. Scope `read`. */
  list(params?: DataSourceListParams, options?: CallOptions): PagePromise<DataSource>;

  /** Makes a data source; its processing begins by itself. Scope `write`. */
  create(params: DataSourceCreateParams, options?: CallOptions): TwigPromise<DataSource>;

  /** Queues a sync. Gives the job. Scope `write`. */
  sync(id: string, options?: CallOptions): TwigPromise<SyncJob>;

  /** Tells how far the processing is. Scope `read`. */
  status(id: string, options?: CallOptions): TwigPromise<DataSourceStatus>;

  /**
   * Looks at the status until it is `active`, and gives the last status. Rejects with `TwigDataSourceError` when the
   * processing failed or did not end in time.
   *
   * @example
   * ```ts
   * import { TwigClient } from '@twig/sdk';
   *
   * const client = new TwigClient();
   * await client.dataSources.sync('ds_1');
   * await client.dataSources.waitUntilReady('ds_1', {
   *   onProgress: ({ progressPct }) => console.log(`${progressPct ?? 0} %`),
   * });
   * ```
   */
  waitUntilReady(id: string, options?: WaitOptions): Promise<DataSourceStatus>;
}

/** Makes `client.dataSources`. */
export function createDataSources(request: Requester, clock: Clock, warn: WarnOfUnknown): DataSources {
  const status: DataSources['status'] = (id, options) =>
    startCall(request, { operation: 'dataSources.status', id, schema: statusSchema }, options);
  return {
    status,
    list: (params = {}, options) => {
      const list = { key: 'dataSources', params, rules: { status: text }, fill: fillSource, schema: listSchema };
      return startList(request, { operation: 'dataSources.list', ...list }, options);
    },
    create: (params, options) => {
      const spec = { body: params, rules, needed: ['type', 'name'], fill: fillSource, schema: sourceSchema };
      return startCall(request, { operation: 'dataSources.create', ...spec }, options);
    },
    sync: (id, options) =>
      startCall<SyncJob>(request, { operation: 'dataSources.sync', id, empty: () => ({}) }, options),
    waitUntilReady: (id, options) => {
      warn('waitUntilReady option', options, WAIT_OPTIONS);
      return waitUntilReady((limits) => status(id, limits), clock, options ?? {});
    },
  };
}
