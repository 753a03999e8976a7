import { dirname } from 'node:path';

// The folder that holds the packages: without it Next takes the repository around it for the project.
const root = dirname(import.meta.dirname);

export default { trailingSlash: true, turbopack: { root }, outputFileTracingRoot: root };
