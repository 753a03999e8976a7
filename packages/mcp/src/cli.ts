#!/usr/bin/env node
/** `twig-mcp`: Twig agents for MCP clients. */

// First, because a dependency may log while it loads.
import './stdout.ts';
import './main.ts';
