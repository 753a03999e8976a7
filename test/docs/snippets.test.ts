/** Every piece of code in README, docs and doc comments compiles, each as a program of its own. */

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

interface Snippet {
  place: string;
  code: string;
}

function fences(text: string, file: string): Snippet[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => ({
    place: `${file}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1] ?? '',
  }));
}

const documents = ['README.md', 'packages/mcp/README.md', ...globSync('docs/**/*.md', { cwd: root })].flatMap((file) =>
  fences(readFileSync(join(root, file), 'utf8'), file),
);
const comments = globSync('{src,packages/mcp/src}/**/*.ts', { cwd: root }).flatMap((file) =>
  fences(readFileSync(join(root, file), 'utf8').replace(/^[ ]*\* ?/gm, ''), file),
);
// What imports the AI SDK is compiled where it is installed: test/integrations/ai-sdk.
const snippets = [...documents, ...comments].filter(({ code }) => !/from '(ai|@ai-sdk\/react)'/.test(code));

/** The complaints of the compiler about all snippets, by place. One program for all, because starting one costs most. */
function check(): Map<string, string[]> {
  const config = ts.readConfigFile(join(root, 'test/tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, join(root, 'test'));
  // What @types/node brings of undici, which is not installed here.
  options.paths = { ...options.paths, undici: [join(root, 'node_modules/undici-types')] };
  const names = new Map(
    snippets.map(({ place, code }, i) => [join(root, 'test/docs', `snippet-${i}.ts`), { place, code }]),
  );
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (file) => names.has(file) || fileExists(file);
  host.readFile = (file) => names.get(file)?.code ?? readFile(file);
  host.getSourceFile = (file, language, ...rest) => {
    const snippet = names.get(file);
    // `export {}` makes a module of a snippet without imports, so that its names are its own.
    return snippet
      ? ts.createSourceFile(file, `${snippet.code}\nexport {};`, language)
      : getSourceFile(file, language, ...rest);
  };
  const program = ts.createProgram([...names.keys()], { ...options, noUnusedLocals: false, noEmit: true }, host);
  const complaints = new Map<string, string[]>();
  for (const [file, { place }] of names) {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    complaints.set(
      place,
      found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    );
  }
  return complaints;
}

describe('the code in the documentation', () => {
  const complaints = check();
  it.each(snippets.map(({ place }) => place))('compiles: %s', (place) => {
    expect(complaints.get(place)).toEqual([]);
  });

  it('is there: in the README, the guides and the doc comments', () => {
    expect(documents.some(({ place }) => place.startsWith('README'))).toBe(true);
    expect(comments.length).toBeGreaterThan(10);
  });
});

describe('the links between pages', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })];
  it.each(pages)('lead somewhere: %s', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1] ?? '');
    const missing = targets.filter(
      (target) =>
        !ts.sys.fileExists(join(root, dirname(page), target)) &&
        !ts.sys.directoryExists(join(root, dirname(page), target)),
    );
    expect(missing).toEqual([]);
  });
});
