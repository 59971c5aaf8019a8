import { z } from 'zod';
import { describeCriterion } from '../../../domain/assertion/criterion.ts';
import type { Warning } from '../../../domain/error/error.ts';
import { nextFireTimes } from '../../../domain/schedule/schedule.ts';
import type { Criterion, WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import { changedFields } from '../../../domain/workflow/definition-diff.ts';
import { workflowWarnings } from '../../../domain/workflow/warnings.ts';
import type { Db } from '../../../infra/db/index.ts';
import { useCase } from '../../context/use-case.ts';
import { type ServerView, type ToolView, toServerView, toToolView } from '../../server/view.ts';
import { workflowNotFound } from '../errors.ts';
import { findWorkflowRows, type WorkflowRow } from './rows.ts';
import { parseDefinition, toVersionView, toWorkflowView, type VersionView, type WorkflowView } from './view.ts';

/** How a criterion is graded. `hint`: where one that begins like an assertion stops matching the grammar. */
export type ShownCriterion = Criterion & {
  gradedBy: 'assertion' | 'judge';
  hint?: { position: number; expected: string };
};
export type ListedVersion = VersionView & {
  /** Null unless a member of this workspace created it. */
  createdByName: string | null;
  /** Fields that differ from the version before; empty for the first. */
  changed: string[];
};

const maxVersions = 50;
const maxFireTimes = 5;

/**
 * Everything that a workflow's page shows, by a fixed number of queries. Archived workflows too. `nextFireTimes` (ISO
 * 8601) is empty unless the workflow is active, has a schedule, and no operator paused it.
 * @throws ArmatureError `workflow_not_found`
 */
export const getWorkflow = useCase({
  name: 'workflow.get',
  access: 'viewer',
  input: z.object({ workflowId: z.uuid() }),
  async run(
    { db, orgId, now, models },
    { workflowId },
  ): Promise<{
    workflow: WorkflowView & Pick<WorkflowRow, 'serverName' | 'passRate7d' | 'lastRun'>;
    definition: WorkflowDefinition;
    version: VersionView;
    versions: ListedVersion[];
    nextFireTimes: string[];
    scheduleLabel: string;
    criteria: ShownCriterion[];
    warnings: Warning[];
    server: ServerView;
    authProfiles: { id: string; name: string; kind: string; isDefault: boolean }[];
    catalogTools: ToolView[];
  }> {
    const at = now();
    const found = await db.workflow.findFirst({ where: { orgId, id: workflowId }, include: { server: true } });
    if (!found) throw workflowNotFound();
    const ofServer = { orgId, serverId: found.serverId };
    const [listed, versions, profiles, tools] = await Promise.all([
      findWorkflowRows(db, { orgId, workflowId, anyState: true, limit: 1, now: at }),
      db.workflowVersion.findMany({
        where: { orgId, workflowId, number: { lte: found.versionNumber } },
        orderBy: { number: 'desc' },
        take: maxVersions + 1,
      }),
      db.authProfile.findMany({ where: ofServer, orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }] }),
      db.catalogTool.findMany({ where: ofServer, orderBy: { name: 'asc' } }),
    ]);
    const [row] = listed;
    const [active] = versions;
    if (!row || !active) throw workflowNotFound();
    const definition = parseDefinition(active);
    const activeTools = tools.filter((tool) => tool.active);
    const names = await authors(db, orgId, versions);
    const isRunning = found.state === 'active' && !found.schedulePausedByOperator;
    return {
      workflow: {
        ...toWorkflowView(found),
        serverName: row.serverName,
        passRate7d: row.passRate7d,
        lastRun: row.lastRun,
      },
      definition,
      version: toVersionView(active),
      versions: versions.slice(0, maxVersions).map((version, index) => {
        const before = versions[index + 1];
        return {
          ...toVersionView(version),
          createdByName: names.get(version.createdBy) ?? null,
          changed: before ? changedFields(parseDefinition(before), parseDefinition(version)) : [],
        };
      }),
      nextFireTimes:
        isRunning && definition.schedule !== null
          ? nextFireTimes(definition.schedule, definition.timezone, at, maxFireTimes).map((time) => time.toISOString())
          : [],
      scheduleLabel: row.scheduleLabel,
      criteria: definition.criteria.map(toShownCriterion),
      warnings: workflowWarnings(definition, {
        models: models.list(),
        server: found.server,
        profileExists:
          definition.authProfileId === null ||
          profiles.some(({ id, archivedAt }) => id === definition.authProfileId && !archivedAt),
        activeTools: activeTools.map(({ name }) => name),
        removedTools: tools.filter((tool) => !tool.active).map(({ name }) => name),
      }),
      server: toServerView(found.server),
      authProfiles: profiles
        .filter(({ archivedAt }) => !archivedAt)
        .map(({ id, name, kind, isDefault }) => ({ id, name, kind, isDefault })),
      catalogTools: activeTools.map(toToolView),
    };
  },
});

function toShownCriterion(criterion: Criterion): ShownCriterion {
  const grading = describeCriterion(criterion.text);
  return {
    ...criterion,
    gradedBy: grading.by,
    ...(grading.by === 'judge' && grading.hint && { hint: grading.hint }),
  };
}

/** Names of the members who saved these versions, by `createdBy`. */
async function authors(
  db: Db,
  orgId: string,
  versions: readonly { createdBy: string }[],
): Promise<Map<string, string>> {
  const prefix = 'member:';
  const ids = versions.flatMap(({ createdBy }) =>
    createdBy.startsWith(prefix) ? [createdBy.slice(prefix.length)] : [],
  );
  const members = await db.member.findMany({
    where: { orgId, userId: { in: [...new Set(ids)] } },
    select: { userId: true, user: { select: { name: true } } },
  });
  return new Map(members.map(({ userId, user }) => [`${prefix}${userId}`, user.name]));
}
