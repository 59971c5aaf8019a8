import type { z } from 'zod';
import type { FieldError, Warning } from '../../domain/error/error.ts';
import { createRedactor } from '../../infra/redaction/index.ts';
import { validationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { lockServer } from '../server/lock.ts';
import { type MonitorView, monitorView } from './reading/view.ts';
import { bumpIn, follow, touchedBy } from './schedule/follow.ts';
import { createMonitorsInput } from './schema.ts';
import { argumentsKey, checkArguments, validationBudget } from './tool-call/arguments.ts';
import { assertionErrors } from './tool-call/assertions.ts';
import { type KnownTool, knownTools, liveProfile, toolProblem } from './tool-call/catalog-tool.ts';
import { requireDifferentCalls, requireNewCalls } from './tool-call/same-call.ts';

type Wanted = z.output<typeof createMonitorsInput>;

/**
 * Makes monitors of tools of one server, all or none. Their arguments have to fit the tools' input schemas as the catalog knows them;
 * a schema that can't be used is a warning. They are active at once, with a Schedule in Temporal.
 * @throws ArmatureError `validation_failed` (fields such as `monitors[0].arguments.query`), `conflict` (`monitorIds` of those that make
 *   the same call), `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`
 */
export const createMonitors = useCase({
  name: 'monitor.create',
  access: 'editor',
  input: createMonitorsInput,
  async run({ ctx, orgId, db, secrets, write }, wanted): Promise<{ monitors: MonitorView[]; warnings: Warning[] }> {
    const { serverId, intervalSeconds } = wanted;
    const names = wanted.monitors.map(({ tool }) => tool);
    const tools = await knownTools(db, { orgId, serverId, names });
    // Of a server that isn't there the catalog is empty, which is for lockServer to say.
    const checked = tools.size > 0 ? check(wanted, tools) : { errors: [], warnings: [] };
    if (checked.errors.length > 0) throw validationError(checked.errors);

    const rows = await write(
      async (tx) => {
        await lockServer(tx, { orgId, serverId });
        const { id: authProfileId } = await liveProfile(tx, { orgId, serverId, authProfileId: wanted.authProfileId });
        const current = await knownTools(tx, { orgId, serverId, names });
        const gone = toolErrors(wanted, current);
        if (gone.length > 0)
          throw validationError(gone, 'Sync the catalog of the server, and choose one of its tools.');
        const calls = wanted.monitors.map((each) => ({
          authProfileId,
          tool: each.tool,
          argumentsKey: argumentsKey(each.arguments),
        }));
        requireDifferentCalls(calls, fieldOf);
        await requireNewCalls(tx, { orgId, serverId, calls, field: fieldOf });
        const made = await tx.monitor.createManyAndReturn({
          data: wanted.monitors.map(({ name, arguments: args, ...own }) => ({
            id: newId(),
            orgId,
            serverId,
            authProfileId,
            intervalSeconds,
            ...own,
            name: name ?? own.tool.slice(0, 200),
            arguments: toJson(args),
            argumentsKey: argumentsKey(args),
          })),
        });
        await bumpIn(tx, orgId, touchedBy(made));
        return made;
      },
      (made) => ({
        subject: serverId,
        data: { intervalSeconds, monitors: made.map(({ id, name, tool }) => ({ id, name, tool })) },
      }),
    );
    const late = await follow(ctx.deps, orgId, touchedBy(rows));
    const redactor = createRedactor(await secrets.values(orgId));
    const order = new Map(rows.map((row) => [`${row.tool} ${row.argumentsKey}`, row]));
    return {
      monitors: wanted.monitors.flatMap((each) => {
        const row = order.get(`${each.tool} ${argumentsKey(each.arguments)}`);
        return row ? [monitorView(row, redactor)] : [];
      }),
      warnings: [...checked.warnings, ...late],
    };
  },
});

const fieldOf = (index: number): string => `monitors[${index}]`;

function check(
  { monitors, intervalSeconds }: Wanted,
  tools: ReadonlyMap<string, KnownTool>,
): { errors: FieldError[]; warnings: Warning[] } {
  const budget = validationBudget();
  const checks = monitors.map((each, index) => {
    const known = tools.get(each.tool);
    const args = known
      ? checkArguments({ tool: each.tool, schema: known.inputSchema }, each.arguments, {
          field: ['monitors', index, 'arguments'],
          budget,
        })
      : { errors: [], warnings: [] };
    return {
      errors: [
        ...timeErrors(each.timeoutSeconds, intervalSeconds, `${fieldOf(index)}.timeoutSeconds`),
        ...args.errors,
        ...assertionErrors(each.assertions, each.tool, `${fieldOf(index)}.assertions`),
      ],
      warnings: args.warnings,
    };
  });
  return {
    errors: [...toolErrors({ monitors }, tools), ...checks.flatMap(({ errors }) => errors)],
    warnings: checks.flatMap(({ warnings }) => warnings),
  };
}

const toolErrors = ({ monitors }: Pick<Wanted, 'monitors'>, tools: ReadonlyMap<string, KnownTool>): FieldError[] =>
  monitors.flatMap(({ tool }, index) => {
    const message = toolProblem(tool, tools.get(tool));
    return message === null ? [] : [{ field: `${fieldOf(index)}.tool`, message }];
  });

/** A check has to be over before the next one. */
export function timeErrors(timeoutSeconds: number, intervalSeconds: number, field: string): FieldError[] {
  if (timeoutSeconds < intervalSeconds) return [];
  return [{ field, message: `The time limit has to be below the interval of ${intervalSeconds} s.` }];
}
