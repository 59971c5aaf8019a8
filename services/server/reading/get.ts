import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { countMonitors } from '../../monitor/reading/rows.ts';
import type { MonitorTotals } from '../../monitor/reading/view.ts';
import { findWorkflowRows, type WorkflowRow } from '../../workflow/reading/rows.ts';
import { serverNotFound } from '../errors.ts';
import { findSecretProblems } from '../secret/problems.ts';
import { type ProfileView, type ServerView, type ToolView, toProfileView, toServerView, toToolView } from '../view.ts';
import { monitorsByTool, noMonitors, type ToolMonitors } from './monitors-by-tool.ts';

export type ToolChangeView = {
  id: string;
  tool: string;
  kind: string;
  breaking: boolean;
  /** As in domain/catalog/diff.ts: `before` and `after` of texts, `fields` of schemas and annotations. */
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

export type MonitoredTool = ToolView & { monitors: ToolMonitors };

/** Newest entries of each history that the page shows. */
const maxEntries = 50;
const maxRemovedTools = 200;
/** Of a server's workflows. */
const maxWorkflows = 100;

/**
 * Everything that a server's page shows, also of a deleted one, by a fixed number of queries. Tools: the active ones
 * first, then those that were removed last. Credentials are never among it.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const getServer = useCase({
  name: 'server.get',
  access: 'viewer',
  input: z.object({ serverId: givenId }),
  async run(
    { db, orgId, secrets, now },
    { serverId },
  ): Promise<{
    server: ServerView;
    /** Why it can't be called, and what to do; null when its secrets can be read. */
    secretProblem: string | null;
    authProfiles: (ProfileView & { secretProblem: string | null })[];
    tools: MonitoredTool[];
    changes: ToolChangeView[];
    probes: ProbeView[];
    workflows: WorkflowRow[];
    /** Those that aren't archived. */
    monitors: MonitorTotals;
  }> {
    const where = { orgId, serverId };
    const [server, profiles, active, removed, changes, probes, byTool, monitors] = await Promise.all([
      db.server.findFirst({ where: { orgId, id: serverId } }),
      db.authProfile.findMany({ where, orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }] }),
      db.catalogTool.findMany({ where: { ...where, active: true }, orderBy: { name: 'asc' } }),
      db.catalogTool.findMany({
        where: { ...where, active: false },
        orderBy: [{ removedAt: 'desc' }, { name: 'asc' }],
        take: maxRemovedTools,
      }),
      db.toolChange.findMany({ where, orderBy: [{ seenAt: 'desc' }, { id: 'desc' }], take: maxEntries }),
      db.serverProbe.findMany({ where, orderBy: [{ at: 'desc' }, { id: 'desc' }], take: maxEntries }),
      monitorsByTool(db, where),
      countMonitors(db, where),
    ]);
    if (!server) throw serverNotFound();
    const problemOf = await findSecretProblems(secrets, server, profiles);
    const state = server.archivedAt ? 'archived' : undefined;
    const workflows = await findWorkflowRows(db, {
      orgId,
      serverId,
      ...(state && { state }),
      limit: maxWorkflows,
      now: now(),
    });
    return {
      server: toServerView(server),
      secretProblem: problemOf(null),
      authProfiles: profiles
        .filter(({ archivedAt }) => server.archivedAt || !archivedAt)
        .map((row) => ({
          ...toProfileView(row),
          secretProblem: problemOf(row),
        })),
      tools: [...active, ...removed].map((row) => ({
        ...toToolView(row, server.listedAt),
        monitors: byTool.get(row.name) ?? noMonitors,
      })),
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
      monitors,
    };
  },
});
