import { toEntries } from '../../../domain/json/json.ts';
import { preselect } from '../../../domain/monitor/preselection.ts';
import { knownArguments } from '../../../domain/schema/samples.ts';
import { useCase } from '../../context/use-case.ts';
import { serverArchived, serverNotFound } from '../../server/errors.ts';
import { suggestMonitorsInput } from '../schema.ts';
import { storedTestCall } from './test-call.ts';

/** A tool that can be monitored. Text of the server is untrusted. */
export type SuggestedTool = {
  name: string;
  title: string | null;
  description: string;
  inputSchema: unknown;
  annotations: { readOnly: boolean; destructive: boolean };
  preselected: boolean;
  /** Why it is preselected or not, one sentence. */
  why: string;
  /** Values that the schema itself names. Arguments without one are left to the person. */
  sampleArguments: { [name: string]: unknown };
  /** Monitors that call it already. */
  monitors: { id: string; name: string; state: string; intervalSeconds: number }[];
};

/**
 * The active tools of a server for the wizard, with those preselected that can be called often without harm
 * (domain/monitor/preselection.ts).
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`
 */
export const suggestMonitors = useCase({
  name: 'monitor.suggest',
  access: 'viewer',
  input: suggestMonitorsInput,
  async run(
    { db, orgId },
    { serverId },
  ): Promise<{
    server: { id: string; name: string; syncedAt: string | null };
    authProfiles: { id: string; name: string; kind: string; isDefault: boolean }[];
    tools: SuggestedTool[];
  }> {
    const where = { orgId, serverId };
    const [server, profiles, tools, monitors] = await Promise.all([
      db.server.findFirst({
        where: { orgId, id: serverId },
        select: { id: true, name: true, syncedAt: true, archivedAt: true },
      }),
      db.authProfile.findMany({
        where: { ...where, archivedAt: null },
        orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }],
        select: { id: true, name: true, kind: true, isDefault: true },
      }),
      db.catalogTool.findMany({ where: { ...where, active: true }, orderBy: { name: 'asc' } }),
      db.monitor.findMany({
        where: { ...where, archivedAt: null },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: { id: true, name: true, state: true, intervalSeconds: true, tool: true },
      }),
    ]);
    if (!server) throw serverNotFound();
    if (server.archivedAt) throw serverArchived();
    const byTool = Map.groupBy(monitors, ({ tool }) => tool);
    return {
      server: { id: server.id, name: server.name, syncedAt: server.syncedAt?.toISOString() ?? null },
      authProfiles: profiles,
      tools: tools.map(({ name, title, description, inputSchema, annotations: given, taskSupport, testCall }) => {
        const annotations = toAnnotations(given);
        const existing = (byTool.get(name) ?? []).map(({ tool: _, ...monitor }) => monitor);
        return {
          name,
          title,
          description,
          inputSchema,
          annotations,
          ...preselect({
            name,
            annotations: given,
            inputSchema,
            taskSupport,
            testCall: storedTestCall.nullable().catch(null).parse(testCall),
            monitorCount: existing.length,
          }),
          sampleArguments: knownArguments(inputSchema),
          monitors: existing,
        };
      }),
    };
  },
});

function toAnnotations(annotations: unknown): SuggestedTool['annotations'] {
  const entries = toEntries(annotations);
  return { readOnly: entries?.get('readOnlyHint') === true, destructive: entries?.get('destructiveHint') === true };
}
