// The rooms of docs/architecture.md, one rule a row: what each may import. Tests may import anything.
const own =
  '^(domain|infra|agent|services|workflows|activities|worker|api|web|cli|prisma|scripts|examples|tests|bench)/';
const test = '\\.test\\.tsx?$';
const generated = '^prisma/generated/';

/** Values and types: a room may import itself and what is listed. */
const room = (name, allowed) => ({
  name: `${name}-imports`,
  severity: 'error',
  from: { path: `^${name}/`, pathNot: test },
  to: { path: own, pathNot: [`^${name}/`, ...allowed] },
});
/** Imports of values: what is listed here may be imported as types only. */
const typesOnly = (name, folders) => ({
  name: `${name}-types-only`,
  severity: 'error',
  from: { path: `^${name}/`, pathNot: test },
  to: { path: folders, dependencyTypesNot: ['type-only'] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    room('domain', []),
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^domain/', pathNot: test },
      to: { pathNot: ['^domain/', '^node_modules/(zod|cronstrue)/'] },
    },
    room('infra', ['^domain/', '^agent/ports\\.ts$', '^agent/model-error\\.ts$', generated]),
    room('agent', ['^domain/', '^infra/']),
    typesOnly('agent', '^infra/'),
    room('services', ['^domain/', '^agent/', '^infra/', generated]),
    room('workflows', ['^domain/run/ids\\.ts$', '^activities/']),
    typesOnly('workflows', '^activities/'),
    room('activities', ['^services/', '^domain/']),
    room('worker', ['^activities/', '^infra/', '^workflows/', '^services/', '^domain/']),
    room('api', ['^services/', '^infra/', '^domain/']),
    room('web', ['^services/', '^domain/']),
    room('cli', ['^domain/', '^agent/', '^infra/(mcp-target|models|outbound)/']),
    room('prisma', ['^infra/']),
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'prisma/generated'] },
    exclude: { path: ['^build/', '^\\.armature/', '^node_modules/\\.'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
