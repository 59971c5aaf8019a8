import type { z } from 'zod';
import type { FieldError, Warning } from '../../domain/error/error.ts';
import { sameJson } from '../../domain/json/json.ts';
import type { Redactor } from '../../infra/redaction/index.ts';
import type { MonitorModel } from '../../prisma/generated/models.ts';
import { validationError } from '../context/errors.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { lockServer } from '../server/lock.ts';
import { loadRedactor } from '../server/secret/redactor.ts';
import { timeErrors } from './create.ts';
import { monitorArchived, monitorNotFound } from './errors.ts';
import { type MonitorView, monitorView, objectOf } from './reading/view.ts';
import { bumpIn, followSchedules, toAffectedSchedules } from './schedule/follow.ts';
import { editMonitorInput } from './schema.ts';
import { argumentsKey, checkArguments, unmask } from './tool-call/arguments.ts';
import { assertionErrors } from './tool-call/assertions.ts';
import { findKnownTools, findLiveProfile, type KnownTool, toolProblem } from './tool-call/catalog-tool.ts';
import { requireNewCalls } from './tool-call/same-call.ts';

type Changes = Omit<z.output<typeof editMonitorInput>, 'monitorId'>;

/**
 * Edits what a monitor calls, how often, and how its answer is judged; its tool and server can't change. A missing tool
 * is a warning; changed arguments must match its schema. `changed`: the fields that differ now.
 * @throws ArmatureError `monitor_not_found`, `monitor_archived`, `validation_failed` (fields such as
 * `arguments.query`), `conflict`, `auth_profile_not_found`
 */
export const editMonitor = useCase({
  name: 'monitor.edit',
  access: 'editor',
  input: editMonitorInput,
  async run(
    { ctx, orgId, db, write },
    { monitorId, ...changes },
  ): Promise<{ monitor: MonitorView; changed: string[]; warnings: Warning[] }> {
    const current = await db.monitor.findFirst({ where: { orgId, id: monitorId } });
    if (!current) throw monitorNotFound();
    if (current.state === 'archived') throw monitorArchived();
    const { serverId } = current;
    const redactor = await loadRedactor(ctx.deps, { orgId, serverId, authProfileId: current.authProfileId });
    const tools = await findKnownTools(db, { orgId, serverId, names: [current.tool] });
    const { next, warnings } = apply(current, changes, { known: tools.get(current.tool), redactor });

    const saved = await write(
      async (tx) => {
        await lockServer(tx, { orgId, serverId });
        const before = await tx.monitor.findFirst({ where: { orgId, id: monitorId } });
        if (!before || before.state === 'archived') throw monitorArchived();
        const changed = editable.filter(
          (column) => next[column] !== undefined && !sameJson(before[column], next[column]),
        );
        // Checked together with concurrent edits.
        const after = { ...before, ...next };
        const late = timeErrors(after.timeoutSeconds, after.intervalSeconds, 'timeoutSeconds');
        if (late.length > 0) throw validationError(late);
        if (next.authProfileId !== undefined && next.authProfileId !== before.authProfileId)
          await findLiveProfile(tx, { orgId, serverId, authProfileId: next.authProfileId });
        const { authProfileId, tool } = after;
        const key = argumentsKey(after.arguments);
        await requireNewCalls(tx, {
          orgId,
          serverId,
          calls: [{ authProfileId, tool, argumentsKey: key }],
          except: monitorId,
          field: () => 'arguments',
        });
        if (changed.length === 0) return { before, row: before, changed };
        const { arguments: args, ...columns } = next;
        const row = await tx.monitor.update({
          where: { orgId_id: { orgId, id: monitorId } },
          data: { ...columns, ...(args !== undefined && { arguments: toJson(args), argumentsKey: key }) },
        });
        if (row.intervalSeconds !== before.intervalSeconds) await bumpIn(tx, orgId, toAffectedSchedules([before, row]));
        return { before, row, changed };
      },
      // Field names only: arguments may contain what the audit log must not.
      ({ changed }) => (changed.length > 0 ? { subject: monitorId, data: { fields: changed } } : null),
    );
    const late =
      saved.row.intervalSeconds === saved.before.intervalSeconds
        ? []
        : await followSchedules(ctx.deps, orgId, toAffectedSchedules([saved.before, saved.row]));
    return {
      monitor: monitorView(saved.row, redactor),
      changed: saved.changed,
      warnings: [...warnings, ...late],
    };
  },
});

const editable = [
  'name',
  'arguments',
  'authProfileId',
  'intervalSeconds',
  'timeoutSeconds',
  'degradedAboveMs',
  'assertions',
  'checkOutputSchema',
  'storeResults',
] as const satisfies readonly (keyof MonitorModel)[];

type Next = { [K in keyof Changes]: Exclude<Changes[K], undefined> };

/** The given changes, with masked arguments resolved. @throws ArmatureError `validation_failed` */
function apply(
  row: MonitorModel,
  changes: Changes,
  { known, redactor }: { known: KnownTool | undefined; redactor: Redactor },
): { next: Next; warnings: Warning[] } {
  const given =
    changes.arguments && unmask(changes.arguments, row.arguments, redactor.value(row.arguments), ['arguments']);
  const args = given ? objectOf(given.value) : objectOf(row.arguments);
  const isNew = !sameJson(args, row.arguments);
  const problem = toolProblem(row.tool, known);
  const fit = known
    ? checkArguments({ tool: row.tool, schema: known.inputSchema }, args, { field: ['arguments'] })
    : { errors: [], warnings: [] };
  const errors: FieldError[] = [
    ...(given?.errors ?? []),
    ...(isNew ? fit.errors : []),
    ...assertionErrors(changes.assertions ?? [], row.tool, 'assertions'),
  ];
  if (errors.length > 0) throw validationError(errors);
  const { arguments: _, ...others } = changes;
  // Only given fields: exactOptionalPropertyTypes distinguishes a missing field from an undefined one, zod does not.
  const next: Next = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return {
    next: { ...next, ...(given && { arguments: args }) },
    warnings: [
      ...(problem === null
        ? []
        : [{ code: 'monitor_tool_missing', message: `${problem} Its checks fail.`, field: 'tool' }]),
      ...(isNew
        ? []
        : fit.errors.map(({ field, message }) => ({
            code: 'arguments_do_not_fit',
            message: `${field}: ${message}`,
            field,
          }))),
      ...fit.warnings,
    ],
  };
}
