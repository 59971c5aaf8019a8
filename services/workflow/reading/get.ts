import { z } from 'zod';
import { describeCriterion } from '../../../domain/assertion/criterion.ts';
import type { Warning } from '../../../domain/error/error.ts';
import { nextFireTimes } from '../../../domain/schedule/schedule.ts';
import { givenId } from '../../../domain/values/id.ts';
import type { Criterion, WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import { workflowWarnings } from '../../../domain/workflow/warnings.ts';
import { useCase } from '../../context/use-case.ts';
import { loadModels } from '../../model/load.ts';
import { type ServerView, toServerView } from '../../server/view.ts';
import { workflowNotFound } from '../errors.ts';
import { loadToolSurroundings } from '../references.ts';
import { findWorkflowRows, type WorkflowRow } from './rows.ts';
import { type ListedVersion, toListedVersions } from './versions.ts';
import { parseDefinition, toVersionView, toWorkflowView, type VersionView, type WorkflowView } from './view.ts';

/** How a criterion is graded. `hint`: where one that begins like an assertion stops matching the grammar. */
export type ShownCriterion = Criterion & {
  gradedBy: 'assertion' | 'judge';
  hint?: { position: number; expected: string };
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
  input: z.object({ workflowId: givenId }),
  async run(
    { ctx, db, orgId, now },
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
  }> {
    const at = now();
    const found = await db.workflow.findFirst({ where: { orgId, id: workflowId }, include: { server: true } });
    if (!found) throw workflowNotFound();
    const ofServer = { orgId, serverId: found.serverId };
    const [listed, versions, profiles] = await Promise.all([
      findWorkflowRows(db, { orgId, workflowId, anyState: true, limit: 1, now: at }),
      db.workflowVersion.findMany({
        where: { orgId, workflowId, number: { lte: found.versionNumber } },
        orderBy: { number: 'desc' },
        take: maxVersions + 1,
      }),
      db.authProfile.findMany({ where: ofServer, orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }] }),
    ]);
    const [row] = listed;
    const [active] = versions;
    if (!row || !active) throw workflowNotFound();
    const definition = parseDefinition(active);
    const tools = await loadToolSurroundings(db, { orgId, definition });
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
      versions: await toListedVersions(db, orgId, versions, maxVersions),
      nextFireTimes:
        isRunning && definition.schedule !== null
          ? nextFireTimes(definition.schedule, definition.timezone, at, maxFireTimes).map((time) => time.toISOString())
          : [],
      scheduleLabel: row.scheduleLabel,
      criteria: definition.criteria.map(toShownCriterion),
      warnings: workflowWarnings(definition, {
        models: (await loadModels(ctx.deps, orgId)).list(),
        server: found.server,
        profileExists:
          definition.authProfileId === null ||
          profiles.some(({ id, archivedAt }) => id === definition.authProfileId && !archivedAt),
        ...tools,
      }),
      server: toServerView(found.server),
      authProfiles: profiles
        .filter(({ archivedAt }) => !archivedAt)
        .map(({ id, name, kind, isDefault }) => ({ id, name, kind, isDefault })),
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
