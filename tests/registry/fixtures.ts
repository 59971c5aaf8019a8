import type { Role } from '../../domain/role.ts';
import type { World } from './world.ts';

/** For each use case, by name: an input that works in this world, for that role. One without a fixture fails the walk. */
export const fixtures: Record<string, (world: World, role: Role) => unknown> = {
  'account.session': ({ auth }) => ({ auth, visit }),
  'account.sign_in': ({ auth }) => ({ auth, visit, email: 'nobody@example.com', password: 'not a password' }),
  'account.sign_out': ({ auth }) => ({ auth, visit }),
  'account.sign_up': ({ auth }) => ({
    auth,
    name: 'Ada',
    email: `${crypto.randomUUID()}@example.com`,
    password: 'correct horse battery',
    organizationName: 'Ada and Sons',
  }),
  'account.sign_up_open': () => ({}),
  'api_key.create': () => ({ name: 'CI' }),
  'api_key.list': () => ({}),
  'api_key.revoke': ({ keyIds }, role) => ({ keyId: keyIds[role] }),
  'audit.record_intent': ({ runId }) => ({ tool: 'inspect_run', subject: runId }),
  'auth_profile.archive': ({ secondProfileId }) => ({ authProfileId: secondProfileId }),
  'auth_profile.create': ({ serverId }) => ({ serverId, name: 'Third', auth: { kind: 'bearer', token: 'abcd-1234' } }),
  'auth_profile.edit': ({ secondProfileId }) => ({ authProfileId: secondProfileId, name: 'Renamed' }),
  'coverage.draft_for_tool': ({ serverId, tool }) => ({ serverId, tool }),
  'coverage.get': ({ serverId }) => ({ serverId }),
  'coverage.refresh': ({ runId }) => ({ runId }),
  'health.readiness': () => ({}),
  'metrics.read': () => ({}),
  'model.list': () => ({}),
  'organization.health': () => ({ range: '7d' }),
  'proposal.apply': ({ proposalId }) => ({ proposalId }),
  'proposal.draft_regression': ({ failedRunId }) => ({ runId: failedRunId, rationale: 'It failed.' }),
  'proposal.get': ({ proposalId }) => ({ proposalId }),
  'proposal.list': ({ workflowId, serverId }) => ({ workflowId, serverId }),
  'proposal.propose': ({ workflowId, versionId }) => ({
    workflowId,
    baseVersionId: versionId,
    changes: { name: 'Renamed' },
    rationale: 'A better name.',
  }),
  'proposal.reject': ({ proposalIds }, role) => ({ proposalId: proposalIds[role] }),
  'proposal.sweep': () => ({}),
  'run.artifacts': ({ runId }) => ({ runId }),
  'run.cancel': ({ runId }) => ({ runId }),
  'run.compare': ({ endedRunId }) => ({ baselineRunId: endedRunId, candidateRunId: endedRunId }),
  'run.diagnose': ({ endedRunId }) => ({ runId: endedRunId }),
  'run.dispatch': ({ workflowId }) => ({ workflowId, idempotencyKey: 'once' }),
  'run.evaluate': ({ runId }) => ({ runId, attempt: attempt() }),
  'run.execute': ({ runId }) => ({ runId, attempt: attempt() }),
  'run.filters': ({ workflowId, serverId }) => ({ workflowId, serverId }),
  'run.finish': ({ runId }) => ({ runId, end: 'worked' }),
  'run.get': ({ runId }) => ({ runId }),
  'run.inspect': ({ runId }) => ({ runId }),
  'run.list': ({ workflowId, serverId }) => ({ workflowId, serverId }),
  'run.run_now': ({ workflowId, endedRunId }) => ({ workflowId, reason: 'Once', baselineRunId: endedRunId }),
  'run.schedule': ({ workflowId }) => ({ workflowId, at: '2026-11-21T09:00:00.000Z' }),
  'run.search': ({ workflowId, serverId }) => ({ workflowId, serverId }),
  'run.trace': ({ runId }) => ({ runId }),
  'server.archive': ({ serverId }) => ({ serverId }),
  'server.connect': ({ shopUrl }) => ({
    name: 'Another shop',
    transport: 'streamable_http',
    url: shopUrl,
    auth: { kind: 'none' },
  }),
  'server.edit': ({ serverId }) => ({ serverId, name: 'Renamed' }),
  'server.get': ({ serverId }) => ({ serverId }),
  'server.list': () => ({}),
  'server.probe': ({ shopUrl }) => ({ transport: 'streamable_http', url: shopUrl, auth: { kind: 'none' } }),
  'server.probe_saved': ({ serverId }) => ({ serverId }),
  'server.set_tool_repeatability': ({ serverId, tool }) => ({ serverId, tool, repeatability: 'idempotent' }),
  'server.sync': ({ serverId }) => ({ serverId }),
  'status_page.get': () => ({}),
  'status_page.read_public': ({ org }) => ({ slug: `org-${org.orgId}` }),
  'status_page.save': ({ serverId }) => ({ enabled: true, title: 'Status', serverIds: [serverId] }),
  'workflow.archive': ({ workflowId }) => ({ workflowId }),
  'workflow.create': ({ definition }) => ({ definition }),
  'workflow.get': ({ workflowId }) => ({ workflowId }),
  'workflow.get_version': ({ workflowId, versionId }) => ({ workflowId, versionId }),
  'workflow.list': ({ serverId }) => ({ serverId }),
  'workflow.pause': ({ workflowId }) => ({ workflowId }),
  'workflow.resume': ({ workflowId }) => ({ workflowId }),
  'workflow.save': ({ workflowId, versionId, serverId, profileId }) => ({
    workflowId,
    baseVersionId: versionId,
    changes: { name: 'Renamed', serverId, authProfileId: profileId },
  }),
};

/** Use cases whose fixture is refused for a reason of its own, with the code. */
export const refused: Record<string, string> = {
  // Nobody has this address. That it is found out shows that the use case was reached.
  'account.sign_in': 'unauthenticated',
};

const visit = { cookie: '', address: '127.0.0.1', userAgent: 'test' };

const attempt = () => ({ signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false });
