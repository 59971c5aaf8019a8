import type { z } from 'zod';
import type { FieldError, Warning } from '../../domain/error/error.ts';
import type { Tx } from '../../infra/db/index.ts';
import { slugChooser } from '../../infra/db/queries/slug.ts';
import type { MonitorModel } from '../../prisma/generated/models.ts';
import { validationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { lockServer } from '../server/lock.ts';
import { loadRedactors } from '../server/secret/redactor.ts';
import { type MonitorView, monitorView } from './reading/view.ts';
import { bumpIn, followSchedules, toAffectedSchedules } from './schedule/follow.ts';
import { createMonitorsInput, type monitorInput } from './schema.ts';
import { argumentsKey, checkArguments, validationBudget } from './tool-call/arguments.ts';
import { assertionErrors } from './tool-call/assertions.ts';
import { findKnownTools, findLiveProfile, type KnownTool, toolProblem } from './tool-call/catalog-tool.ts';
import { requireDifferentCalls, requireNewCalls } from './tool-call/same-call.ts';

type CreateInput = z.output<typeof createMonitorsInput>;

/**
 * Creates monitors for tools of one server, all or none. Arguments must match the tools' input schemas in the catalog;
 * a schema that can't be used is a warning. The monitors are active immediately, with a Schedule in Temporal.
 * @throws ArmatureError `validation_failed` (fields such as `monitors[0].arguments.query`), `conflict` (`monitorIds` of
 * those that make the same call), `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`
 */
export const createMonitors = useCase({
  name: 'monitor.create',
  access: 'editor',
  input: createMonitorsInput,
  async run({ ctx, orgId, db, secrets, write }, input): Promise<{ monitors: MonitorView[]; warnings: Warning[] }> {
    const { serverId, intervalSeconds } = input;
    const names = input.monitors.map(({ tool }) => tool);
    const tools = await findKnownTools(db, { orgId, serverId, names });
    // The catalog of a missing server is empty; lockServer reports it.
    const checked = tools.size > 0 ? check(input, tools) : { errors: [], warnings: [] };
    if (checked.errors.length > 0) throw validationError(checked.errors);

    const rows = await write(
      async (tx) => {
        await lockServer(tx, { orgId, serverId });
        const { id: authProfileId } = await findLiveProfile(tx, {
          orgId,
          serverId,
          authProfileId: input.authProfileId,
        });
        const current = await findKnownTools(tx, { orgId, serverId, names });
        const gone = toolErrors(input, current);
        if (gone.length > 0)
          throw validationError(gone, 'Sync the catalog of the server, then choose one of its tools.');
        const calls = input.monitors.map((monitor) => ({
          authProfileId,
          tool: monitor.tool,
          argumentsKey: argumentsKey(monitor.arguments),
        }));
        requireDifferentCalls(calls, fieldOf);
        await requireNewCalls(tx, { orgId, serverId, calls, field: fieldOf });
        const named = input.monitors.map((monitor) => ({
          ...monitor,
          name: monitor.name ?? monitor.tool.slice(0, 200),
        }));
        const slugOf = await slugChooser(tx, { orgId, noun: 'monitor', names: named.map(({ name }) => name) });
        return insertMonitors(
          tx,
          orgId,
          named.map((each) => ({ ...each, serverId, authProfileId, intervalSeconds, slug: slugOf(each.name) })),
        );
      },
      (created) => ({
        subject: serverId,
        data: { intervalSeconds, monitors: created.map(({ id, name, tool }) => ({ id, name, tool })) },
      }),
    );
    const late = await followSchedules(ctx.deps, orgId, toAffectedSchedules(rows));
    const redactorOf = await loadRedactors({ db, secrets }, orgId, rows);
    const byCall = new Map(rows.map((row) => [`${row.tool} ${row.argumentsKey}`, row]));
    return {
      monitors: input.monitors.flatMap(({ tool, arguments: args }) => {
        const row = byCall.get(`${tool} ${argumentsKey(args)}`);
        return row ? [monitorView(row, redactorOf(row))] : [];
      }),
      warnings: [...checked.warnings, ...late],
    };
  },
});

type NewMonitor = Required<Omit<z.output<typeof monitorInput>, 'name'>> & {
  name: string;
  slug: string;
  serverId: string;
  authProfileId: string;
  intervalSeconds: number;
};

/** Inserts active monitors under the locks of their servers. The caller has checked them. */
export async function insertMonitors(tx: Tx, orgId: string, monitors: readonly NewMonitor[]): Promise<MonitorModel[]> {
  const created = await tx.monitor.createManyAndReturn({
    data: monitors.map(({ arguments: args, ...fields }) => ({
      id: newId(),
      orgId,
      ...fields,
      arguments: toJson(args),
      argumentsKey: argumentsKey(args),
    })),
  });
  await bumpIn(tx, orgId, toAffectedSchedules(created));
  return created;
}

const fieldOf = (index: number): string => `monitors[${index}]`;

function check(
  { monitors, intervalSeconds }: CreateInput,
  tools: ReadonlyMap<string, KnownTool>,
): { errors: FieldError[]; warnings: Warning[] } {
  const budget = validationBudget();
  const checks = monitors.map((monitor, index) => {
    const known = tools.get(monitor.tool);
    const args = known
      ? checkArguments({ tool: monitor.tool, schema: known.inputSchema }, monitor.arguments, {
          field: ['monitors', index, 'arguments'],
          budget,
        })
      : { errors: [], warnings: [] };
    return {
      errors: [
        ...timeErrors(monitor.timeoutSeconds, intervalSeconds, `${fieldOf(index)}.timeoutSeconds`),
        ...args.errors,
        ...assertionErrors(monitor.assertions, monitor.tool, `${fieldOf(index)}.assertions`),
      ],
      warnings: args.warnings,
    };
  });
  return {
    errors: [...toolErrors({ monitors }, tools), ...checks.flatMap(({ errors }) => errors)],
    warnings: checks.flatMap(({ warnings }) => warnings),
  };
}

const toolErrors = ({ monitors }: Pick<CreateInput, 'monitors'>, tools: ReadonlyMap<string, KnownTool>): FieldError[] =>
  monitors.flatMap(({ tool }, index) => {
    const message = toolProblem(tool, tools.get(tool));
    return message === null ? [] : [{ field: `${fieldOf(index)}.tool`, message }];
  });

/** A check must end before the next one. */
export function timeErrors(timeoutSeconds: number, intervalSeconds: number, field: string): FieldError[] {
  if (timeoutSeconds < intervalSeconds) return [];
  return [{ field, message: `The time limit must be below the interval of ${intervalSeconds} s.` }];
}
