import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { archiveAuthProfile } from '../../../services/auth-profile/archive.ts';
import { createAuthProfile } from '../../../services/auth-profile/create.ts';
import { editAuthProfile } from '../../../services/auth-profile/edit.ts';
import { setToolRepeatability } from '../../../services/catalog/set-tool-repeatability.ts';
import { syncServer } from '../../../services/catalog/sync.ts';
import { getToolChanges } from '../../../services/catalog/tool-changes.ts';
import { getCoverage, getCoverageOutput } from '../../../services/coverage/get.ts';
import { listCoverage, serverCoverage } from '../../../services/coverage/list.ts';
import { archiveServer } from '../../../services/server/archive.ts';
import { connectServer } from '../../../services/server/connect.ts';
import { editServer } from '../../../services/server/edit.ts';
import { probeSavedServer } from '../../../services/server/probe-saved.ts';
import { getServerFigures, serverFigures } from '../../../services/server/reading/figures.ts';
import { getServer } from '../../../services/server/reading/get.ts';
import { listServers, serverSummaries } from '../../../services/server/reading/list.ts';
import { catalogReport, toFailureView, toProbeView } from '../../../services/server/view.ts';
import { defineRoute, pageOf, paging } from '../route.ts';
import { ok, time, warnings } from '../schemas.ts';
import { signInRoutes } from './sign-ins.ts';

const summary = serverSummaries.shape.servers.element.meta({ id: 'ServerRow' });
const server = summary
  .omit({ toolCount: true, workflowCount: true, mustFindings: true })
  .extend({
    queryNames: z.array(z.string()).describe('Names of the query values, which are secret.'),
    headerNames: z.array(z.string()),
    maxConcurrency: z.int(),
    syncEveryMinutes: z.int().describe('0: never.'),
  })
  .meta({ id: 'Server' });
const failure = z
  .object({ kind: z.string(), message: z.string(), remediation: z.string() })
  .describe('Partly the words of servers; untrusted.')
  .meta({ id: 'ProbeFailure' });
const probe = z
  .object({
    ok: z.boolean(),
    latencyMs: z.number(),
    protocolVersion: z.string().optional(),
    server: z.object({ name: z.string(), version: z.string() }).optional(),
    tools: z.array(z.object({ name: z.string(), description: z.string(), warnings: z.array(z.string()) })).optional(),
    catalog: catalogReport.optional(),
    failure: failure.nullable(),
  })
  .meta({ id: 'Probe' });
const profile = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.string(),
    header: z.string().nullable(),
    isDefault: z.boolean(),
    createdAt: time,
  })
  .meta({ id: 'AuthProfile' });
const tool = z
  .object({
    name: z.string(),
    title: z.string().nullable(),
    description: z.string().describe("The server's own; untrusted."),
    inputSchema: z.unknown(),
    outputSchema: z.unknown(),
    annotations: z.unknown(),
    warnings: z.array(z.string()),
    repeatability: z.string().nullable(),
    active: z.boolean(),
    firstSeenAt: time,
    lastSeenAt: time,
    removedAt: time.nullable(),
  })
  .meta({ id: 'Tool' });
const toolChange = z
  .object({
    id: z.uuid(),
    tool: z.string(),
    kind: z.string(),
    breaking: z.boolean(),
    diff: z.unknown(),
    source: z.string(),
    seenAt: time,
    words: z.array(z.string()).describe('The change, a line per field.'),
  })
  .meta({ id: 'ToolChange' });

const headers = z
  .record(z.string(), z.string().nullable())
  .describe('Extra headers. In a change, null keeps the stored value.');
const pathSecret = z.array(z.string().regex(/^\S+$/)).describe("Segments of the URL's path that are secret.");

const ref = z.object({ serverId: givenId });
const toProbe = (result: Parameters<typeof toProbeView>[0]) => {
  const view = toProbeView(result);
  return { ...view, failure: view.ok ? null : toFailureView(view.failure) };
};

export const serverRoutes = [
  defineRoute({
    method: 'GET',
    path: '/mcp-servers',
    summary: 'Lists MCP servers, newest first',
    useCase: listServers,
    input: listServers.useCase.input.extend(paging),
    output: pageOf(summary),
    async run(ctx, filters) {
      const { servers, nextCursor } = await listServers(ctx, filters);
      return { rows: servers.map((each) => summary.parse(each)), nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/mcp-servers',
    summary: 'Connects an MCP server: probes it, then saves it',
    description: 'When the probe fails nothing is saved and serverId is null, unless saveAnyway is true.',
    status: 201,
    useCase: connectServer,
    input: connectServer.useCase.input.extend({ headers: headers.default({}), pathSecret: pathSecret.default([]) }),
    output: z.object({ serverId: z.uuid().nullable(), probe }),
    async run(ctx, given) {
      const connected = await connectServer(ctx, { ...given, pathSecret: given.pathSecret.join(' ') });
      return { serverId: connected.serverId, probe: toProbe(connected.probe) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/mcp-servers/{serverId}',
    summary: 'Returns an MCP server with its auth profiles',
    useCase: getServer,
    input: ref,
    output: z.object({ server, secretProblem: z.string().nullable(), authProfiles: z.array(profile) }),
    async run(ctx, given) {
      const page = await getServer(ctx, given);
      return { ...page, server: server.parse(page.server) };
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/mcp-servers/{serverId}',
    summary: 'Changes an MCP server; a change of its connection is probed first',
    description: 'Members that are left out stay as they are. saved is false when the probe failed.',
    useCase: editServer,
    input: editServer.useCase.input.extend({ headers: headers.optional(), pathSecret: pathSecret.default([]) }),
    output: z.object({ saved: z.boolean(), probe: probe.nullable() }),
    async run(ctx, given) {
      const edited = await editServer(ctx, { ...given, pathSecret: given.pathSecret.join(' ') });
      return { saved: edited.saved, probe: edited.probe && toProbe(edited.probe) };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/mcp-servers/{serverId}',
    summary: 'Deletes an MCP server with its credentials, monitors and workflows; their history stays',
    useCase: archiveServer,
    input: ref,
    output: z.object({ archivedWorkflows: z.array(z.string()), archivedMonitors: z.array(z.string()), warnings }),
    run: (ctx, given) => archiveServer(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/mcp-servers/{serverId}/probe',
    operation: 'probeServer',
    summary: 'Probes an MCP server now',
    useCase: probeSavedServer,
    input: probeSavedServer.useCase.input,
    output: z.object({ probe }),
    run: async (ctx, given) => ({ probe: toProbe((await probeSavedServer(ctx, given)).probe) }),
  }),
  defineRoute({
    method: 'POST',
    path: '/mcp-servers/{serverId}/sync',
    operation: 'syncServer',
    summary: "Reads the server's tools now, and reports what changed",
    useCase: syncServer,
    input: ref,
    output: z.object({
      serverId: z.uuid(),
      toolCount: z.int(),
      added: z.array(z.string()),
      removed: z.array(z.string()),
    }),
    run: (ctx, given) => syncServer(ctx, { ...given, source: 'explicit' }),
  }),
  defineRoute({
    method: 'GET',
    path: '/mcp-servers/{serverId}/tools',
    operation: 'listServerTools',
    summary: "Lists the server's tools: the active ones, then those that were removed last",
    useCase: getServer,
    input: ref,
    output: z.object({ rows: z.array(tool) }),
    run: async (ctx, given) => ({ rows: (await getServer(ctx, given)).tools }),
  }),
  defineRoute({
    method: 'POST',
    path: '/mcp-servers/{serverId}/tools/repeatability',
    operation: 'setToolRepeatability',
    summary: 'Says whether an interrupted call of a tool may be repeated',
    useCase: setToolRepeatability,
    input: setToolRepeatability.useCase.input,
    output: ok,
    async run(ctx, given) {
      await setToolRepeatability(ctx, given);
      return { ok: true as const };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/mcp-servers/{serverId}/tool-changes',
    operation: 'listServerToolChanges',
    summary: "Lists the changes of the server's tools, newest first",
    useCase: getToolChanges,
    input: getToolChanges.useCase.input.extend(paging),
    output: pageOf(toolChange),
    async run(ctx, given) {
      const { changes, nextCursor } = await getToolChanges(ctx, given);
      return { rows: changes, nextCursor };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/mcp-servers/{serverId}/checks-summary',
    operation: 'getServerFigures',
    summary: 'Returns how the monitors of the server did by time and tool, and its tools in runs',
    useCase: getServerFigures,
    input: getServerFigures.useCase.input,
    output: serverFigures.meta({ id: 'ServerFigures' }),
    run: (ctx, given) => getServerFigures(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/coverage',
    operation: 'getCoverageByServer',
    summary: 'Returns how many tools of each server its workflows exercise, least covered first',
    useCase: listCoverage,
    input: z.object({}),
    output: z.object({ rows: z.array(serverCoverage) }),
    run: async (ctx, given) => ({ rows: (await listCoverage(ctx, given)).servers }),
  }),
  defineRoute({
    method: 'GET',
    path: '/mcp-servers/{serverId}/coverage',
    operation: 'getServerCoverage',
    summary: 'Returns which tools of the server its workflows exercise',
    useCase: getCoverage,
    input: ref,
    output: getCoverageOutput.meta({ id: 'Coverage' }),
    run: (ctx, given) => getCoverage(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/mcp-servers/{serverId}/auth-profiles',
    summary: 'Adds an auth profile to an MCP server',
    status: 201,
    useCase: createAuthProfile,
    input: createAuthProfile.useCase.input,
    output: z.object({ authProfileId: z.uuid() }),
    run: (ctx, given) => createAuthProfile(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/auth-profiles/{authProfileId}',
    summary: 'Changes an auth profile',
    description: 'Members that are left out stay as they are, credentials too.',
    useCase: editAuthProfile,
    input: editAuthProfile.useCase.input,
    output: ok,
    async run(ctx, given) {
      await editAuthProfile(ctx, given);
      return { ok: true as const };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/auth-profiles/{authProfileId}',
    summary: 'Deletes an auth profile, and returns what used it',
    useCase: archiveAuthProfile,
    input: archiveAuthProfile.useCase.input,
    output: z.object({ workflows: z.array(named()), monitors: z.array(named()) }),
    run: (ctx, given) => archiveAuthProfile(ctx, given),
  }),
  ...signInRoutes,
];

function named() {
  return z.object({ id: z.uuid(), name: z.string() });
}
