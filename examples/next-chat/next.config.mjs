import { dirname } from 'node:path';

const examples = dirname(import.meta.dirname);

/** @type {import('next').NextConfig} */
export default {
  // The style sheet is that of examples/chat.
  turbopack: { root: examples },
  outputFileTracingRoot: examples,
};
