import { toEntries } from '../../../domain/json/json.ts';
import { openSchema, requiredNames } from '../../../domain/schema/node.ts';
import { sampleArguments } from '../../../domain/schema/samples.ts';
import { useCase } from '../../context/use-case.ts';
import { serverArchived, serverNotFound } from '../../server/errors.ts';
import { suggestMonitorsInput } from '../schema.ts';

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
  sampleArguments: { [name: string]: unknown };
  /** Monitors that call it already. */
  monitors: { id: string; name: string; state: string; intervalSeconds: number }[];
};

/**
 * The active tools of a server for the wizard. Tools that need no arguments are preselected, except destructive and
 * already monitored ones.
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
      tools: tools.map(({ name, title, description, inputSchema, annotations: given }) => {
        const annotations = toAnnotations(given);
        const existing = (byTool.get(name) ?? []).map(({ tool: _, ...monitor }) => monitor);
        return {
          name,
          title,
          description,
          inputSchema,
          annotations,
          ...choice({ annotations, inputSchema, monitored: existing.length }),
          sampleArguments: sampleArguments(inputSchema),
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

/** Whether the wizard preselects a tool, and why. */
export function choice({
  annotations: { readOnly, destructive },
  inputSchema,
  monitored,
}: {
  annotations: SuggestedTool['annotations'];
  inputSchema: unknown;
  monitored: number;
}): { preselected: boolean; why: string } {
  if (monitored > 0)
    return { preselected: false, why: `${monitored === 1 ? 'A monitor calls' : 'Monitors call'} it already.` };
  if (destructive) return { preselected: false, why: 'The server says that it can change or delete data permanently.' };
  const node = openSchema(inputSchema, inputSchema);
  if (!node) return { preselected: false, why: 'Its input schema cannot be read.' };
  const required = [...requiredNames(node)];
  if (required.length > 0)
    return {
      preselected: false,
      why: `It needs arguments: ${required.slice(0, 5).map(short).join(', ')}${required.length > 5 ? ', …' : ''}.`,
    };
  if (['anyOf', 'oneOf', 'allOf', 'not', 'if', 'minProperties', '$ref'].some((keyword) => node.keywords.has(keyword)))
    return { preselected: false, why: 'Which arguments it needs depends on the other arguments.' };
  return {
    preselected: true,
    why: readOnly
      ? 'It needs no arguments and only reads.'
      : 'It needs no arguments. The server does not say that it only reads, so make sure that calling it often is harmless.',
  };
}

const short = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);
