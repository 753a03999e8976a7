/** Writes the versions of the packages, which are released in step, into their sources, after a release has raised them. */

import { readFileSync, writeFileSync } from 'node:fs';

for (const folder of ['..', '../packages/mcp']) {
  const at = (path: string): URL => new URL(`${folder}/${path}`, import.meta.url);
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { version: string };
  const source = readFileSync(at('src/version.ts'), 'utf8');
  writeFileSync(at('src/version.ts'), source.replace(/'[^']*'/, `'${version}'`));
}
