/** The one-way imports of docs/architecture.md. A room may import only rooms on a lower level. */
const levels = [
  ['error'],
  ['stats', 'safetensors'],
  ['graph', 'checkpoint', 'suite', 'config'],
  ['model', 'outcomes'],
  ['engine', 'store'],
  ['probe'],
  ['jobs'],
  ['cli'],
];

const upward = levels.slice(0, -1).map((rooms, level) => ({
  name: `level-${level}-imports-downward-only`,
  comment: 'Imports go one way: see docs/architecture.md.',
  severity: 'error',
  from: { path: `^src/(${rooms.join('|')})/` },
  to: {
    path: `^src/(${levels
      .slice(level + 1)
      .flat()
      .join('|')}|index)`,
  },
}));

const siblings = levels.flat().map((room) => ({
  name: `${room}-has-one-door`,
  comment: 'A folder has one door, index.ts; the rest of it is private.',
  severity: 'error',
  from: { path: '^(src|test|bench)/', pathNot: `^src/${room}/` },
  to: { path: `^src/${room}/`, pathNot: `^src/${room}/(index\\.ts$|testing/)` },
}));

module.exports = {
  forbidden: [
    ...upward,
    ...siblings,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'onnxruntime-in-one-file',
      comment: 'Native modules are imported in one file each.',
      severity: 'error',
      from: { pathNot: '^src/graph/session\\.ts$' },
      to: { path: 'onnxruntime-(node|common)' },
    },
    {
      name: 'duckdb-in-one-file',
      comment: 'Native modules are imported in one file each.',
      severity: 'error',
      from: { pathNot: '^src/store/connection\\.ts$' },
      to: { path: '@duckdb/node-api' },
    },
    {
      name: 'stats-are-pure',
      comment: 'Numerics do no IO.',
      severity: 'error',
      from: { path: '^src/stats/', pathNot: '\\.test\\.ts$|^src/stats/testing/' },
      to: { path: '^(node:)?(fs|path|child_process|os|net|http)' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '\\.test\\.ts$|\\.d\\.ts$|\\.mjs$' },
      to: {},
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^test/|/testing/' },
      to: { path: '\\.test\\.ts$|/testing/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
