/** Writes the version of package.json into the source, after a release has raised it. */

import { readFileSync, writeFileSync } from 'node:fs';
import manifest from '../package.json' with { type: 'json' };

const file = new URL('../src/version.ts', import.meta.url);
writeFileSync(file, readFileSync(file, 'utf8').replace(/'[^']*'/, `'${manifest.version}'`));
