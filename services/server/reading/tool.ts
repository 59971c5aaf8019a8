import { z } from 'zod';
import { toolName } from '../../../domain/catalog/tool-name.ts';
import { ArmatureError } from '../../../domain/error/error.ts';
import { type MonitorState, monitorStates } from '../../../domain/monitor/monitor.ts';
import { toFields } from '../../../domain/schema/form.ts';
import type { Field } from '../../../domain/schema/form-field.ts';
import { knownArguments } from '../../../domain/schema/samples.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import { givenId } from '../../../domain/values/id.ts';
import { type AffectingChange, getToolChanges } from '../../catalog/tool-changes.ts';
import { useCase } from '../../context/use-case.ts';
import { requireServer } from '../errors.ts';
import { type ToolView, toToolView } from '../view.ts';
import { type ToolEffect, toEffect } from './tools.ts';

const maxMonitors = 20;
const maxChanges = 20;

/** Texts and schemas are the server's: untrusted. */
export type ServerTool = ToolView & {
  effect: ToolEffect;
  /** Of the input, as a form would show them. `isComplete`: these are all of them. */
  parameters: { fields: Field[]; isComplete: boolean };
  /** Values that the schema itself names. */
  sampleArguments: { [name: string]: unknown };
  monitors: { id: string; name: string; state: MonitorState }[];
  changes: AffectingChange[];
  /** Who it can be called as, the default first. */
  authProfiles: { id: string; name: string }[];
};

/**
 * One tool of a server, also one that was removed, with its monitors and changes.
 * @throws ArmatureError `mcp_server_not_found`, `resource_not_found`
 */
export const getServerTool = useCase({
  name: 'server.tool',
  access: 'viewer',
  input: z.object({ serverId: givenId, tool: toolName }),
  async run({ ctx, db, orgId }, { serverId, tool }): Promise<ServerTool> {
    await requireServer(db, { orgId, id: serverId });
    const where = { orgId, serverId };
    const [row, monitors, authProfiles, { changes }] = await Promise.all([
      db.catalogTool.findFirst({
        where: { ...where, name: tool },
        include: { server: { select: { listedAt: true } } },
      }),
      db.monitor.findMany({
        where: { ...where, tool, archivedAt: null },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        take: maxMonitors,
        select: { id: true, name: true, state: true },
      }),
      db.authProfile.findMany({
        where: { ...where, archivedAt: null },
        orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }],
        select: { id: true, name: true },
      }),
      getToolChanges(ctx, { serverId, tool, limit: maxChanges }),
    ]);
    if (!row)
      throw new ArmatureError(
        'resource_not_found',
        'The server has no tool of this name.',
        "Choose one of the server's tools, or sync the server if the tool is new.",
      );
    const { fields, complete } = toFields(row.inputSchema);
    return {
      ...toToolView(row, row.server.listedAt),
      effect: toEffect(row.annotations),
      parameters: { fields, isComplete: complete },
      sampleArguments: knownArguments(row.inputSchema),
      monitors: monitors.map((monitor) => ({ ...monitor, state: oneOf(monitorStates, monitor.state) })),
      changes,
      authProfiles,
    };
  },
});
