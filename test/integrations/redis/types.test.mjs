// What the compiler says to `clients.types.ts`.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

it('takes every client for one, without a cast', () => {
  const { stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  assert.equal(stdout, '');
});
