const { readdirSync } = require('node:fs');
const { join } = require('node:path');

/** The one-way imports of docs/architecture.md. A room may import only rooms on a lower level. */
const levels = [
  ['error', 'wire'],
  ['stats', 'safetensors'],
  ['graph', 'checkpoint', 'suite', 'config'],
  ['model', 'outcomes', 'forecast', 'estimate'],
  ['engine', 'store'],
  ['probe'],
  ['jobs'],
  ['report', 'runner'],
  ['watch', 'service'],
  ['cli'],
];

const rooms = levels.flat();
refuseStrangers(rooms, join(__dirname, 'src'));

/** What a room may import of `src`: itself, and the rooms of the levels below its own. */
const downward = levels.flatMap((peers, level) =>
  peers.map((room) => ({
    name: `${room}-imports-lower-levels-only`,
    comment: 'Imports go one way: see docs/architecture.md.',
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: {
      path: '^src/',
      pathNot: `^src/(${[room, ...levels.slice(0, level).flat()].join('|')})/`,
    },
  })),
);

const doors = rooms.map((room) => ({
  name: `${room}-has-one-door`,
  comment: 'A folder has one door, index.ts; the rest of it is private.',
  severity: 'error',
  from: { path: '^(src|test|bench)/', pathNot: `^src/${room}/` },
  to: { path: `^src/${room}/`, pathNot: `^src/${room}/(index\\.ts$|testing/)` },
}));

/** The dashboard's own rooms, from the ground up: a room imports those before it. */
const webRooms = ['state', 'format', 'data', 'components', 'charts', 'pages', 'shell'];

const web = webRooms.flatMap((room, level) => [
  {
    name: `web-${room}-imports-lower-rooms-only`,
    comment: 'Imports go one way: see docs/architecture.md.',
    severity: 'error',
    from: { path: `^web/src/${room}/` },
    to: {
      path: '^web/src/',
      pathNot: `^web/src/(${webRooms.slice(0, level + 1).join('|')})/`,
    },
  },
  {
    name: `web-${room}-has-one-door`,
    comment: 'A folder has one door, index.ts; the rest of it is private.',
    severity: 'error',
    from: { path: '^web/src/', pathNot: `^web/src/${room}/` },
    to: { path: `^web/src/${room}/`, pathNot: `^web/src/${room}/index\\.tsx?$` },
  },
]);

/** Throws where a folder of `src` stands on no level, or a level names none: no rule would be about it. */
function refuseStrangers(known, folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const found = entries.map((entry) => (entry.isDirectory() ? entry.name : `file ${entry.name}`));
  const expected = [...known, 'file index.ts'];
  const strangers = found.filter((name) => !expected.includes(name));
  const missing = expected.filter((name) => !found.includes(name));
  if (strangers.length + missing.length === 0) return;
  throw new Error(
    `.dependency-cruiser.cjs: \`levels\` and src/ differ: without a level ${strangers.join(', ') || 'none'}; without a folder ${missing.join(', ') || 'none'}`,
  );
}

module.exports = {
  forbidden: [
    ...downward,
    ...doors,
    ...web,
    {
      name: 'web-knows-the-wire-only',
      comment: 'The dashboard knows of Sonde what the service says.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^src/', pathNot: '^src/wire/index\\.ts$' },
    },
    {
      name: 'nothing-imports-the-web',
      severity: 'error',
      from: { pathNot: '^web/' },
      to: { path: '^web/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'onnxruntime-in-one-file',
      comment:
        'Native modules are imported in one file each; a benchmark asks the runtime for its profile.',
      severity: 'error',
      from: { pathNot: '^(src/graph/session\\.ts|bench/account\\.mjs)$' },
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
      name: 'src-stands-alone',
      comment: 'What is published needs nothing that is not.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^test/|^src/[^/]+/testing/' },
      to: { path: '^(?!node_modules/).*(\\.test\\.ts$|/testing/)' },
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
