import type { FieldError, Warning } from '../../domain/error/error.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import type { Models } from '../../infra/models/index.ts';
import type { Deps } from '../context/context.ts';
import { validationError } from '../context/errors.ts';
import { findKnownTools } from '../monitor/tool-call/catalog-tool.ts';
import { loadModelDefaults } from '../organization/settings.ts';
import { loadRedactors } from '../server/secret/redactor.ts';
import { checkReferences } from '../workflow/references.ts';
import { hashOf } from './hash.ts';
import { planMaintenance } from './plan-maintenance.ts';
import { planMonitors } from './plan-monitors.ts';
import { planRules } from './plan-rules.ts';
import { planWorkflows } from './plan-workflows.ts';
import { eachItem, type Planning } from './planning.ts';
import type { CodePlan, PlanInput } from './schema.ts';
import { loadWorkspace, type RedactorOf } from './state.ts';
import type { Step, WorkflowStep } from './steps.ts';

type Around = { orgId: string; models: Models; redactorOf: RedactorOf; now: Date };

/** Masks the secrets of every profile of an organization. */
export async function loadAllRedactors(deps: Pick<Deps, 'db' | 'secrets'>, orgId: string): Promise<RedactorOf> {
  const profiles = await deps.db.authProfile.findMany({
    where: { orgId, archivedAt: null },
    select: { id: true, serverId: true },
  });
  return loadRedactors(
    deps,
    orgId,
    profiles.map(({ id, serverId }) => ({ serverId, authProfileId: id })),
  );
}

/**
 * Compares files with a workspace. The same files and the same workspace give the same token.
 * @throws ArmatureError `validation_failed`; fields are named like `files[0].workflows[1].prompt`
 */
export async function computePlan(
  db: Db | Tx,
  input: PlanInput,
  { orgId, models, redactorOf, now }: Around,
): Promise<{ plan: CodePlan; steps: Step[] }> {
  const state = await loadWorkspace(db, { orgId, redactorOf, now });
  const names = eachItem(input, 'monitors').map(({ item }) => item.tool);
  const tools = new Map<string, Awaited<ReturnType<typeof findKnownTools>>>();
  if (names.length > 0)
    for (const { id: serverId, isLive } of state.servers)
      if (isLive) tools.set(serverId, await findKnownTools(db, { orgId, serverId, names }));
  const problems: FieldError[] = [];
  const warnings: Warning[] = [];
  const planning: Planning = {
    ...input,
    state,
    redactorOf,
    modelDefaults: await loadModelDefaults(db, orgId),
    findTool: (serverId, tool) => tools.get(serverId)?.get(tool),
    now,
    problems,
    warnings,
    notInFiles: [],
  };
  const workflows = planWorkflows(planning);
  const monitors = planMonitors(planning);
  const rules = planRules(planning, { workflows, monitors });
  const maintenance = planMaintenance(planning);
  if (problems.length > 0) throw validationError(problems, 'Correct the files and push again.');
  const steps = [...workflows, ...monitors, ...rules, ...maintenance];
  const changes = steps.map(({ change }) => change);
  return {
    plan: {
      changes,
      notInFiles: planning.notInFiles,
      warnings: [...warnings, ...(await workflowWarnings(db, workflows, { orgId, models }))],
      token: hashOf([orgId, steps.map(toTokenPart)]),
    },
    steps,
  };
}

/** A step without what is made anew each time: the ids of criteria. */
function toTokenPart({ change, current, next }: Step): unknown {
  const currentId = current === null ? null : 'row' in current ? current.row.id : current.id;
  if (next === null || !('definition' in next)) return [change, currentId, next];
  const { criteria, ...rest } = next.definition;
  return [change, currentId, { ...next, definition: rest }, criteria.map(({ id: _, ...line }) => line)];
}

async function workflowWarnings(
  db: Db | Tx,
  steps: readonly WorkflowStep[],
  { orgId, models }: Pick<Around, 'orgId' | 'models'>,
): Promise<Warning[]> {
  const found: Warning[] = [];
  for (const { change, next } of steps) {
    if (!next) continue;
    const { warnings } = await checkReferences(db, { orgId, definition: next.definition, models });
    found.push(
      ...warnings.map((warning) => ({
        ...warning,
        field: [change.field ?? '', ...(warning.field === undefined ? [] : [warning.field])].join('.'),
      })),
    );
  }
  return found;
}
