/**
 * The rooms of `src`, from the ground up (docs/architecture.md): a file may import from its own room and from those
 * below it, types included. Entry points stand beside each other and import only what `mayUse` names.
 */

const ground = [
  'clock',
  'errors',
  'hide',
  'meta',
  'node',
  'operations',
  'platform',
  'query-response',
  'runtime',
  'version',
];
const floors = [
  { name: 'the ground', path: `^src/(${ground.join('|')})(\\.browser)?\\.ts$` },
  ...['params', 'http', 'options', 'call', 'resources', 'streaming'].map((name) => ({ name, path: `^src/${name}/` })),
  { name: 'server', path: '^src/server/' },
  { name: 'webhooks', path: '^src/webhooks/' },
  { name: 'the client', path: '^src/(client|index)\\.ts$' },
];
const entryPoints = {
  'rate-limiter': [],
  proxy: [],
  testing: ['webhooks'],
  'ai-sdk': [],
  redis: ['rate-limiter'],
  otel: [],
  mcp: [],
};

const upward = floors.map(({ name, path }, floor) => ({
  name: `nothing-above-${name.replace(/\W+/g, '-')}`,
  comment:
    `${name} stands below the room that it imports from. What both need, a type above all, belongs in the lower one: ` +
    'move it there, and let the upper room import it.',
  severity: 'error',
  from: { path },
  to: { path: '^src/', pathNot: floors.slice(0, floor + 1).map((lower) => lower.path) },
}));

const sideways = Object.entries(entryPoints).map(([name, mayUse]) => ({
  name: `nothing-beside-${name}`,
  comment:
    `${name} is an entry point: it may import what the client is made of, but no other entry point` +
    `${mayUse.length ? ` (but ${mayUse.join(', ')})` : ''}. What two of them share belongs in a room below both.`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: {
    path: `^src/(${Object.keys(entryPoints).join('|')})/`,
    pathNot: [name, ...mayUse].map((own) => `^src/${own}/`),
  },
}));

export default {
  forbidden: [
    {
      name: 'no-circle',
      comment:
        'These files import each other, types included. Move what both need into a file that neither of them imports back.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...upward,
    ...sideways,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
