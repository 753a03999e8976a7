/** A Redis of a test's own on a free port of loopback, and a client for it of thirty lines. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import type { RedisCommand } from '@twig/sdk/redis';

/** Whether redis-server is installed. Without it the tests that need it are not run, and CI fails. */
export const hasRedis: boolean = spawnSync('redis-server', ['--version']).status === 0;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** A server of Redis. */
export interface TestRedis {
  port: number;
  /** Ends it at once, and forgets all. */
  kill(): Promise<void>;
  /** Starts it again at the same port, empty. */
  start(): Promise<void>;
  process(): ChildProcess;
}

/** Starts one that keeps nothing. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    const options = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      '/tmp',
    ];
    child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    for await (const chunk of child.stdout ?? []) {
      said += String(chunk);
      if (said.includes('Ready to accept connections')) break;
    }
    if (!said.includes('Ready to accept connections')) throw new Error(`redis-server has not started: ${said}`);
  };
  await start();
  return {
    port,
    start,
    process: () => child,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Reads one reply of RESP 2; `undefined` when it is not there as a whole. */
function parse(text: string, at: number): { value: unknown; end: number } | undefined {
  const line = text.indexOf('\r\n', at);
  if (line < 0) return undefined;
  const head = text.slice(at + 1, line);
  const after = line + 2;
  switch (text[at]) {
    case '-':
      return { value: new Error(head), end: after };
    case ':':
      return { value: Number(head), end: after };
    case '$': {
      const end = after + Number(head);
      if (Number(head) < 0) return { value: null, end: after };
      return text.length < end + 2 ? undefined : { value: text.slice(after, end), end: end + 2 };
    }
    case '*': {
      const values: unknown[] = [];
      let end = after;
      for (let i = 0; i < Number(head); i++) {
        const one = parse(text, end);
        if (!one) return undefined;
        values.push(one.value);
        end = one.end;
      }
      return { value: values, end };
    }
    default:
      return { value: head, end: after };
  }
}

/** A connection, and how many commands went over it. */
export interface TestConnection {
  command: RedisCommand;
  sent: string[][];
  close(): void;
}

/** Connects. Texts are Latin 1; commands are answered in order; a connection that ends fails what is open. */
export async function connect(port: number): Promise<TestConnection> {
  const socket: Socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect');
  const open: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  const sent: string[][] = [];
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let reply = parse(text, 0); reply; reply = parse(text, 0)) {
      text = text.slice(reply.end);
      const { value } = reply;
      if (value instanceof Error) open.shift()?.reject(value);
      else open.shift()?.resolve(value);
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const { reject } of open.splice(0)) reject(new Error('the connection is closed'));
  });
  const command: RedisCommand = (parts) =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new Error('the connection is closed'));
      sent.push([...parts]);
      open.push({ resolve, reject });
      socket.write(`*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`);
    });
  return { command, sent, close: () => socket.destroy() };
}
