/**
 * Stands in for `load.ts` in the modules for browsers: a service worker may load nothing later (HTML, "import()" in
 * `ServiceWorkerGlobalScope`), and a page that was open during a deploy finds no chunk of the old one.
 */

import { kit } from '../params/schema-kit.ts';
import type * as load from './load.ts';
import { exchange } from './transport.ts';

export const loadTransport: typeof load.loadTransport = async () => ({ exchange });

export const loadSchemaKit: typeof load.loadSchemaKit = async () => kit;
