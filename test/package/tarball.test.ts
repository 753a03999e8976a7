/** What is in the tarball: all that users need, maps that lead to the sources, and nothing that runs at installation. */

import { globSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { exportsOf, typesVersionsOf } from '../../scripts/entries.ts';

const root = join(inject('workspace'), 'node_modules/@twig/sdk');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const files = globSync('**/*', { cwd: root, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

it('holds the licence, the changelog and the guides, and no source, test or report', () => {
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'docs/webhooks.md']));
  expect(files.filter((file) => !/^(dist|docs)\//.test(file)).sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
  ]);
});

it('has every page that README.md and the guides link to', () => {
  for (const page of files.filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md')) {
    for (const [, link = ''] of read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const target = join(dirname(page), link);
      // Pictures, examples and other packages stay in the repository, where the registry's page looks for what is relative.
      if (/^(examples|packages|docs\/images)\//.test(target)) continue;
      expect(
        files.some((file) => file === target || file.startsWith(`${target}/`)),
        `${page} → ${link}`,
      ).toBe(true);
    }
  }
});

it('runs nothing when it is installed', () => {
  const { scripts = {} } = JSON.parse(read('package.json')) as { scripts?: Record<string, string> };
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) expect(scripts).not.toHaveProperty(name);
});

describe('package.json', () => {
  interface Manifest {
    exports: Record<string, string | Record<string, Record<string, string>>>;
    typesVersions: { '*': Record<string, string[]> };
  }
  const { exports, typesVersions } = JSON.parse(read('package.json')) as Manifest;

  it('has the entries that are built. To write it anew: npm run entries', () => {
    expect({ exports, typesVersions }).toEqual({ exports: exportsOf(), typesVersions: typesVersionsOf() });
  });

  it('names files that are there', () => {
    const named = [exports, typesVersions].flatMap(
      (map) => JSON.stringify(map).match(/(?<="\.\/)[^"*]+\.\w+(?=")/g) ?? [],
    );
    expect(named.length).toBeGreaterThan(40);
    for (const file of named.filter((name) => name.startsWith('dist/'))) expect(files).toContain(file);
  });

  it('leads old TypeScript to the same types', () => {
    for (const [subpath, conditions] of Object.entries(exports)) {
      if (typeof conditions === 'string' || subpath === '.') continue;
      expect(typesVersions['*'][subpath.slice(2)]).toEqual([conditions.import?.types]);
    }
  });
});

describe('maps', () => {
  const programs = files.filter((file) => /\.c?js$/.test(file));
  const mapOf = (program: string): SourceMapPayload => JSON.parse(read(`${program}.map`)) as SourceMapPayload;

  it('are beside every program, named by it, with the sources inside', () => {
    expect(programs.length).toBeGreaterThan(12);
    for (const program of programs) {
      expect(read(program)).toMatch(new RegExp(`//# sourceMappingURL=${program.split('/').at(-1)}\\.map\\s*$`));
      const { sources, sourcesContent } = mapOf(program);
      expect(sourcesContent ?? []).toHaveLength(sources.length);
      for (const source of sources) expect(source).toMatch(/^(\.\.\/)+(src|node_modules)\//);
    }
  });

  it.each(['js', 'cjs'])('lead from a place in the %s to the same place in the source', (extension) => {
    const wanted = 'could not be loaded';
    const program = programs.find((file) => file.endsWith(`.${extension}`) && read(file).includes(wanted)) ?? '';
    const lines = read(program).split('\n');
    const line = lines.findIndex((text) => text.includes(wanted));
    const map = mapOf(program);
    const entry = new SourceMap(map).findEntry(line, lines[line]?.indexOf(wanted) ?? 0);
    if (!('originalSource' in entry)) throw new Error(`${program}:${line + 1} leads nowhere`);
    const source = map.sourcesContent[map.sources.indexOf(entry.originalSource)] ?? '';
    expect(source.split('\n')[entry.originalLine]).toContain(wanted);
  });
});
