// The rooms of docs/architecture.md, one rule a row: what each may import. Tests may import anything.
const own =
  '^(domain|infra|agent|services|workflows|activities|worker|api|web|cli|prisma|scripts|examples|tests|bench)/';
const test = '\\.test\\.tsx?$';
const generated = '^prisma/generated/';

/** A room may import itself and what is listed. */
const room = (name, allowed) => ({
  name: `${name}-imports`,
  severity: 'error',
  from: { path: `^${name}/`, pathNot: test },
  to: { path: own, pathNot: [`^${name}/`, ...allowed] },
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
      to: { pathNot: ['^domain/', '^node_modules/(zod|cronstrue|re2js|diff|fastest-levenshtein|yaml|minisearch)/'] },
    },
    room('infra', ['^domain/', '^agent/ports\\.ts$', generated]),
    {
      name: 'infra-parts-are-separate',
      comment:
        'Each part of infra stands alone. All may use outbound, redaction, and the types of config, db and logger.',
      severity: 'error',
      from: { path: '^infra/([^/]+)/', pathNot: test },
      to: { path: '^infra/', pathNot: ['^infra/$1/', '^infra/(outbound|redaction|config|db|logger)/'] },
    },
    {
      name: 'infra-types-only',
      severity: 'error',
      from: { path: '^infra/([^/]+)/', pathNot: test },
      to: { path: '^infra/(config|db|logger)/', pathNot: '^infra/$1/', dependencyTypesNot: ['type-only'] },
    },
    room('agent', ['^domain/']),
    room('services', ['^domain/', '^agent/', '^infra/', generated]),
    room('workflows', ['^domain/(run/ids|trace/carrier)\\.ts$', '^activities/']),
    {
      name: 'workflows-know-activities-by-type',
      comment: 'Workflow code is bundled for its sandbox: activities run elsewhere.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: test },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    // Activities map the errors of domain to retry or no retry.
    room('activities', ['^services/', '^domain/']),
    // The worker creates the dependencies (services/context/deps.ts) and reconciles once at its start.
    room('worker', ['^activities/', '^infra/', '^services/']),
    // Adapters read error codes and enumerations from domain.
    room('api', ['^services/', '^infra/', '^domain/', '^web/entry\\.server\\.tsx$']),
    {
      name: 'api-knows-web-by-type',
      comment: 'The api runs the bundle of web/, not its sources.',
      severity: 'error',
      from: { path: '^api/', pathNot: test },
      to: { path: '^web/', dependencyTypesNot: ['type-only'] },
    },
    room('web', ['^services/', '^domain/']),
    room('cli', [
      '^domain/',
      '^agent/',
      '^infra/(mcp-target|models|oauth|outbound|redaction|json-schema)/',
      '^infra/config/models-file\\.ts$',
    ]),
    room('prisma', []),
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'prisma/generated'] },
    exclude: { path: ['^(cli/)?build/', '^\\.armature/', '^node_modules/\\.'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
