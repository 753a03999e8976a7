/**
 * What a package costs its users: bytes to download, time to start, work for the compiler. Time is that of the processor,
 * the least of several runs in turn: the clock would measure what else the machine does.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { PROGRAMS } from './programs.ts';

/** The costs of one package. Times are in milliseconds, over those of an empty program. */
export interface Figures {
  version: string;
  /** Bytes of everything it exports, with its dependencies, in one minified file after gzip: for a page, and for Node. */
  page: number;
  node: number;
  load: number;
  firstCall: number;
  instantiations: number;
  check: number;
}

/** Where a bundle runs. */
export type Place = 'page' | 'workers' | 'node';

/** All that an entry exports, minified into one file with all its dependencies. */
export async function bundled(
  workspace: string,
  entry: string,
  place: Place = 'page',
): Promise<{ code: string; gzip: number }> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${entry}';`, resolveDir: workspace },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: place === 'node' ? 'node' : 'browser',
    conditions: place === 'workers' ? ['workerd'] : [],
    target: 'es2022',
    write: false,
    legalComments: 'none',
    // Some peers import modules of Node in code that no browser reaches.
    external: entry.startsWith('@twig/') ? [] : ['node:*'],
  });
  const code = outputFiles[0]?.text ?? '';
  return { code, gzip: gzipSync(code, { level: 9 }).length };
}

/** Runs Node and says what it printed and the processor's time. Fails if the program does. */
function run(cwd: string, args: string[]): { printed: string; time: number } {
  const meter = `data:text/javascript,process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    process.stderr.write('meter:' + (user + system) / 1000);
  })`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', meter, ...args], {
    cwd,
    encoding: 'utf8',
  });
  const time = Number(/meter:([\d.]+)$/.exec(stderr)?.[1]);
  if (status !== 0 || Number.isNaN(time)) throw new Error(stdout + stderr);
  return { printed: stdout, time };
}

/** The least time of each program over that of the one named `empty`. */
function leastTimes(rounds: number, programs: Record<string, () => number>): Record<string, number> {
  const least: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, program] of Object.entries(programs)) {
      least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, program());
    }
  }
  const { empty = 0, ...rest } = least;
  return Object.fromEntries(Object.entries(rest).map(([name, time]) => [name, time - empty]));
}

/** What the compiler needs for each program; a project of its own each, as the compiler reads its folder. */
function typeCosts(workspace: string): { check: Record<string, number>; instantiations: Record<string, number> } {
  const instantiations: Record<string, number> = {};
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
    lib: ['es2022', 'dom'],
  };
  const compile = (name: string, source: string) => (): number => {
    const cwd = join(workspace, 'cost', name.replaceAll(/\W/g, ''));
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(cwd, 'main.mts'), source);
    writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.mts'] }));
    const compiler = join(workspace, 'node_modules/typescript60/lib/tsc.js');
    const { printed, time } = run(cwd, [compiler, '-p', '.', '--extendedDiagnostics']);
    instantiations[name] = Number(/Instantiations:\s+(\d+)/.exec(printed)?.[1]);
    return time;
  };
  const programs = Object.entries(PROGRAMS).map(([name, { types }]) => [name, compile(name, types)] as const);
  const check = leastTimes(2, { empty: compile('empty', 'export {};'), ...Object.fromEntries(programs) });
  return { check, instantiations };
}

/** The figures of the package and of its peers. */
export async function measure(workspace: string): Promise<Record<string, Figures>> {
  const script = (code: string) => (): number => run(workspace, ['--input-type=module', '-e', code]).time;
  const each = (code: (name: string) => string): Record<string, () => number> => ({
    empty: script(''),
    ...Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, script(code(name))])),
  });
  const load = leastTimes(
    5,
    each((name) => `import '${name}';`),
  );
  const leave = 'globalThis.fetch = () => process.exit();\n';
  const firstCall = leastTimes(
    3,
    each((name) => leave + PROGRAMS[name]?.firstCall),
  );
  const { check, instantiations } = typeCosts(workspace);
  const figures: Record<string, Figures> = {};
  for (const name of Object.keys(PROGRAMS)) {
    const manifest = readFileSync(join(workspace, 'node_modules', name, 'package.json'), 'utf8');
    figures[name] = {
      version: (JSON.parse(manifest) as { version: string }).version,
      page: (await bundled(workspace, name)).gzip,
      node: (await bundled(workspace, name, 'node')).gzip,
      load: load[name] ?? Number.NaN,
      firstCall: firstCall[name] ?? Number.NaN,
      instantiations: instantiations[name] ?? Number.NaN,
      check: check[name] ?? Number.NaN,
    };
  }
  return figures;
}
