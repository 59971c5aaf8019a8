import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { isInMaintenance } from '../../maintenance/active.ts';
import { countMonitors } from '../../monitor/reading/rows.ts';
import type { MonitorTotals } from '../../monitor/reading/view.ts';
import { serverNotFound } from '../errors.ts';
import { findSecretProblems } from '../secret/problems.ts';
import { type ServerView, toServerView } from '../view.ts';

const maxWorkflows = 100;

export type ServerSummary = {
  server: ServerView;
  /** Why it can't be called, and what to do. */
  secretProblems: string[];
  /** Active tools, and those of them that strict clients may refuse. */
  toolCount: number;
  warnedToolCount: number;
  /** Tools with a breaking change that nobody has accepted. */
  openChangeCount: number;
  isInMaintenance: boolean;
  /** Those that aren't archived, by name; at most 100. */
  workflows: { id: string; name: string }[];
  monitors: MonitorTotals;
};

/**
 * What every page of a server shows, also of a deleted one, without its tools and histories.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const getServerSummary = useCase({
  name: 'server.summary',
  access: 'viewer',
  input: z.object({ serverId: givenId }),
  async run({ db, orgId, secrets, now }, { serverId }): Promise<ServerSummary> {
    const where = { orgId, serverId };
    const [server, profiles, toolCount, warnedToolCount, openChangeCount, workflows, monitors, maintained] =
      await Promise.all([
        db.server.findFirst({ where: { orgId, id: serverId } }),
        db.authProfile.findMany({ where: { ...where, archivedAt: null } }),
        db.catalogTool.count({ where: { ...where, active: true } }),
        db.catalogTool.count({ where: { ...where, active: true, warnings: { isEmpty: false } } }),
        db.incident.count({ where: { ...where, subjectKind: 'tool_change', closedAt: null } }),
        db.workflow.findMany({
          where: { ...where, state: { not: 'archived' } },
          orderBy: [{ name: 'asc' }, { id: 'asc' }],
          take: maxWorkflows,
          select: { id: true, name: true },
        }),
        countMonitors(db, where),
        isInMaintenance(db, { ...where, at: now() }),
      ]);
    if (!server) throw serverNotFound();
    const problemOf = await findSecretProblems(secrets, server, profiles);
    return {
      server: toServerView(server),
      secretProblems: [null, ...profiles].flatMap((profile) => problemOf(profile) ?? []),
      toolCount,
      warnedToolCount,
      openChangeCount,
      isInMaintenance: maintained,
      workflows,
      monitors,
    };
  },
});
