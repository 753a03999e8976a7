// Redis or Valkey on a free port of loopback, which keeps nothing on disk.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The servers that are installed here. */
export const servers = ['redis-server', 'valkey-server'].filter((name) => spawnSync(name, ['--version']).status === 0);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  // A cluster talks at a port that is 10,000 higher.
  return port < 55_000 ? port : freePort();
}

/** Starts one; `kill`, `stop`, `go` and `start` do what they say to its process. */
export async function startServer({ name = servers[0], cluster = false } = {}) {
  if (!name) throw new Error('redis-server is not installed: apt-get install redis-server');
  const port = await freePort();
  let child;
  const start = async () => {
    const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    if (cluster) options.push('--cluster-enabled', 'yes');
    const cwd = mkdtempSync(join(tmpdir(), 'twig-redis-'));
    child = spawn(name, options.map(String), { stdio: ['ignore', 'pipe', 'inherit'], cwd });
    let said = '';
    for await (const chunk of child.stdout) {
      said += chunk;
      if (said.includes('Ready to accept connections')) return;
    }
    throw new Error(`${name} has not started: ${said}`);
  };
  await start();
  return {
    port,
    start,
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && !child.signalCode) await once(child, 'exit');
    },
    stop: () => child.kill('SIGSTOP'),
    go: () => child.kill('SIGCONT'),
  };
}
