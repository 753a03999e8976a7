// nginx in front of the same app, gathering and compressing as it does unless told otherwise. Where it is missing, it is
// installed if that is allowed; where it cannot be, this says so, and fails in CI.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { comesOneByOne, isHeldBack } from './one-by-one.mjs';
import { closeAll, onClose, start, WAYS } from './support.mjs';

const limit = { timeout: 30_000 };
const PLACES = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'];
const find = () => PLACES.find((place) => existsSync(place));

function install() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300'];
  // Its package would start a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', [...options, 'update'], { env });
  spawnSync('apt-get', [...options, 'install', '-y', '--no-install-recommends', 'nginx-light'], { env });
}

if (!find()) install();
const nginx = find();
afterEach(closeAll);

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** nginx on loopback, in front of the app. */
async function startNginx(app) {
  const folder = mkdtempSync(join(tmpdir(), 'twig-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
    pid ${folder}/nginx.pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      ${temporary}
      gzip on;
      gzip_proxied any;
      gzip_min_length 0;
      gzip_types text/event-stream;
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass ${app};
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
        }
      }
    }`,
  );
  const child = spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  onClose(async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    assert.equal(child.exitCode, null, `nginx ended: ${complaints}`);
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return url;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

if (nginx) {
  for (const [name, path] of Object.entries(WAYS)) {
    test(`behind nginx, ${name} comes event by event`, limit, async () => {
      const { api, app } = await start();
      await comesOneByOne(api, await startNginx(app), path);
    });
  }

  test('behind nginx, a stream without those headers is held back', limit, async () => {
    const { api, app } = await start({ isCompressed: false });
    await isHeldBack(api, await startNginx(app), '/bare');
  });
} else {
  console.log(`NOT RUN: the tests behind nginx. None of ${PLACES.join(', ')} is installed, nor could it be.`);
  test('nginx is there, at least in CI', () => assert.ok(!process.env.CI, 'nginx could not be installed'));
}
