/** A client that looks at the bytes: what a fault does on the wire, no library may smooth over. */

import { connect } from 'node:net';

/** How a connection ended, and all the bytes that came before. */
export interface Wire {
  /** `end`: closed by the other side; `reset`: torn down; `silent`: nothing when it had been enough. */
  outcome: 'end' | 'reset' | 'silent';
  bytes: string;
  head: string;
  /** Without the chunks' framing. */
  body: string;
  /** Whether the last, empty chunk came. */
  isComplete: boolean;
}

/** Sends one request, and tells what came until the connection ended, or until it was `enough`. */
export function exchange(
  port: number,
  method: string,
  path: string,
  body?: unknown,
  enough: Promise<unknown> = new Promise(() => {}),
): Promise<Wire> {
  const content = body === undefined ? '' : JSON.stringify(body);
  return new Promise((resolve) => {
    let bytes = '';
    const socket = connect(port, '127.0.0.1');
    const finish = (outcome: Wire['outcome']): void => {
      socket.destroy();
      const [head = '', rest = ''] = bytes.split(/\r\n\r\n([\s\S]*)/, 2);
      const isComplete = /(^|\r\n)0\r\n\r\n$/.test(rest);
      resolve({ outcome, bytes, head, body: dechunk(rest), isComplete });
    };
    enough.then(() => finish('silent'));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      bytes += chunk;
    });
    socket.on('end', () => finish('end'));
    socket.on('error', () => finish('reset'));
    socket.write(
      `${method} /api/v1${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer k\r\n` +
        `Content-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`,
    );
  });
}

/** ASCII only: the sizes of chunks count bytes. */
function dechunk(text: string): string {
  const [, size = '', rest = ''] = /^([0-9a-f]+)\r\n([\s\S]*)$/.exec(text) ?? [];
  const length = Number.parseInt(size || '0', 16);
  return length ? rest.slice(0, length) + dechunk(rest.slice(length + 2)) : '';
}
