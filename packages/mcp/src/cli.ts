#!/usr/bin/env node
/** `twig-mcp`: Twig agents for MCP clients. */

import './stdout.ts';

// Loaded when stdout is the protocol's alone, because a dependency may log while it loads.
await import('./main.ts');
