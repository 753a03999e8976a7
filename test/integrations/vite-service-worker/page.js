import { scenario } from './scenario.js';

globalThis.scenario = scenario;
navigator.serviceWorker.register('./service-worker.js', { type: 'module' });
