/** Writes the entry points into package.json. */

import { writeFileSync } from 'node:fs';
import manifest from '../package.json' with { type: 'json' };
import { exportsOf, typesVersionsOf } from './entries.ts';

const file = new URL('../package.json', import.meta.url);
const written = { ...manifest, exports: exportsOf(), typesVersions: typesVersionsOf() };
writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`);
