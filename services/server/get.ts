import { z } from 'zod';
import { useCase } from '../use-case.ts';
import { type WorkflowRow, workflowRows } from '../workflow/rows.ts';
import { serverNotFound } from './endpoint.ts';
import { type ProfileView, profileView, type ServerView, serverView, type ToolView, toolView } from './view.ts';

export type ToolChangeView = {
  id: string;
  tool: string;
  kind: string;
  breaking: boolean;
  /** As in domain/catalog-diff.ts: `before` and `after` of texts, `fields` of schemas and annotations. */
  diff: unknown;
  source: string;
  seenAt: string;
};
export type ProbeView = {
  id: string;
  at: string;
  kind: string;
  ok: boolean;
  latencyMs: number;
  toolCount: number | null;
  error: unknown;
};

/** Newest entries of each history that the page shows. */
const shown = 50;
/** Of a server's workflows. */
const mostWorkflows = 100;

/**
 * Everything that a server's page shows, also of a deleted one, by a fixed number of queries. Tools: the active ones first, then
 * those that were removed. Credentials are never among it.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const getServer = useCase({
  name: 'server.get',
  access: 'viewer',
  input: z.object({ serverId: z.uuid() }),
  async run(
    { db, orgId, now },
    { serverId },
  ): Promise<{
    server: ServerView;
    authProfiles: ProfileView[];
    tools: ToolView[];
    changes: ToolChangeView[];
    probes: ProbeView[];
    workflows: WorkflowRow[];
  }> {
    const where = { orgId, serverId };
    const [server, profiles, tools, changes, probes] = await Promise.all([
      db.server.findFirst({ where: { orgId, id: serverId } }),
      db.authProfile.findMany({ where, orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }] }),
      db.catalogTool.findMany({ where, orderBy: [{ active: 'desc' }, { name: 'asc' }] }),
      db.toolChange.findMany({ where, orderBy: [{ seenAt: 'desc' }, { id: 'desc' }], take: shown }),
      db.serverProbe.findMany({ where, orderBy: [{ at: 'desc' }, { id: 'desc' }], take: shown }),
    ]);
    if (!server) throw serverNotFound();
    const state = server.archivedAt ? 'archived' : undefined;
    const workflows = await workflowRows(db, {
      orgId,
      serverId,
      ...(state && { state }),
      limit: mostWorkflows,
      now: now(),
    });
    return {
      server: serverView(server),
      authProfiles: profiles.filter(({ archivedAt }) => server.archivedAt || !archivedAt).map(profileView),
      tools: tools.map(toolView),
      changes: changes.map(({ id, tool, kind, breaking, diff, source, seenAt }) => ({
        id,
        tool,
        kind,
        breaking,
        diff,
        source,
        seenAt: seenAt.toISOString(),
      })),
      probes: probes.map(({ id, at, kind, ok, latencyMs, toolCount, error }) => ({
        id,
        at: at.toISOString(),
        kind,
        ok,
        latencyMs,
        toolCount,
        error,
      })),
      workflows,
    };
  },
});
