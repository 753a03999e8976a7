/** What readers copy into a shell. */

import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('a command of ours is never fetched by its bare name, which is not ours on npm', () => {
  const files = globSync([
    '*.md',
    'docs/**/*.md',
    'packages/*/*.md',
    'examples/*/*.md',
    'src/**/*.ts',
    'packages/*/src/**/*.ts',
  ]);
  expect(files).toContain('docs/testing.md');
  const bare = files.filter((file) => /\b(npx|bunx|dlx)( -\w| --yes)* twig-/.test(readFileSync(file, 'utf8')));
  expect(bare).toEqual([]);
});
