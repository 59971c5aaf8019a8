import { z } from 'zod';
import { checkErrorKinds, checkOutcomes, monitorStates } from '../../../domain/monitor/monitor.ts';
import { givenId } from '../../../domain/values/id.ts';
import { archiveMonitors } from '../../../services/monitor/archive.ts';
import { checkMonitorsNow } from '../../../services/monitor/check-now.ts';
import { createMonitors } from '../../../services/monitor/create.ts';
import { editMonitor } from '../../../services/monitor/edit.ts';
import { getMonitor } from '../../../services/monitor/reading/get.ts';
import { listMonitors } from '../../../services/monitor/reading/list.ts';
import { listChecks } from '../../../services/monitor/reading/list-checks.ts';
import {
  checkMonitorsNowInput,
  createMonitorsInput,
  editMonitorInput,
  getMonitorInput,
  listChecksInput,
  listMonitorsInput,
} from '../../../services/monitor/schema.ts';
import { setMonitorState } from '../../../services/monitor/set-state.ts';
import { defineRoute, pageOf, paging } from '../route.ts';
import { time, warnings } from '../schemas.ts';

const monitor = z
  .object({
    id: z.uuid(),
    slug: z.string().describe('What files and commands call it.'),
    name: z.string(),
    serverId: z.uuid(),
    authProfileId: z.uuid(),
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()).describe("The server's own secrets are masked."),
    intervalSeconds: z.int(),
    timeoutSeconds: z.int(),
    degradedAboveMs: z.int().nullable(),
    assertions: z.array(z.string()),
    checkOutputSchema: z.boolean(),
    storeResults: z.boolean(),
    state: z.enum(monitorStates),
    createdAt: time,
    updatedAt: time,
    archivedAt: time.nullable(),
  })
  .meta({ id: 'Monitor' });
const health = z
  .object({
    outcome: z.enum(checkOutcomes),
    errorKind: z.enum(checkErrorKinds).nullable(),
    latencyMs: z.int().nullable(),
    checkedAt: time,
    since: time.describe('When it began to pass, or to fail.'),
    consecutiveFailures: z.int(),
  })
  .meta({ id: 'MonitorHealth' });
const uptime = z
  .object({
    uptime: z.number().nullable().describe('0 to 1: passed and degraded checks. Null without checks.'),
    strictUptime: z.number().nullable().describe('0 to 1: passed checks.'),
  })
  .meta({ id: 'Uptime' });
const row = z
  .object({
    ...monitor.pick({
      id: true,
      slug: true,
      name: true,
      serverId: true,
      tool: true,
      intervalSeconds: true,
      state: true,
      createdAt: true,
    }).shape,
    serverName: z.string(),
    health: health.nullable(),
    uptime: uptime.describe('Of the last 24 hours.'),
    openIncidentId: z.uuid().nullable(),
    inMaintenance: z.boolean(),
    isSettingUp: z.boolean().describe('It has never passed, so it opens no incident.'),
  })
  .meta({ id: 'MonitorRow' });
const check = z
  .object({
    at: time.describe('The time that it was due.'),
    key: z.string().nullable().describe('Of the request for a manual check.'),
    startedAt: time.nullable(),
    outcome: z.enum(checkOutcomes),
    errorKind: z.enum(checkErrorKinds).nullable(),
    latencyMs: z.int().nullable(),
    excerpt: z.string().nullable().describe("Words of the server's own; untrusted."),
    resultBytes: z.int().nullable(),
    degradedBy: z.array(z.string()),
    attempts: z.int(),
    maintenance: z.boolean(),
  })
  .meta({ id: 'Check' });

const ref = z.object({ monitorId: givenId });
const moved = z.object({ changed: z.boolean(), warnings });

export const monitorRoutes = [
  defineRoute({
    method: 'GET',
    path: '/monitors',
    summary: 'Lists monitors, newest first',
    useCase: listMonitors,
    input: listMonitorsInput.extend(paging),
    output: pageOf(row),
    async run(ctx, filters) {
      const { monitors, nextCursor } = await listMonitors(ctx, filters);
      return { rows: monitors, nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/monitors',
    summary: 'Creates monitors of one server',
    status: 201,
    useCase: createMonitors,
    input: createMonitorsInput,
    output: z.object({ rows: z.array(monitor), warnings }),
    async run(ctx, given) {
      const made = await createMonitors(ctx, given);
      return { rows: made.monitors, warnings: made.warnings };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/monitors/{monitorId}',
    summary: 'Returns a monitor with its state',
    useCase: getMonitor,
    input: getMonitorInput,
    output: z.object({
      monitor,
      health: health.nullable(),
      inMaintenance: z.boolean(),
      isSettingUp: z.boolean(),
      uptime,
      warnings,
    }),
    run: (ctx, given) => getMonitor(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/monitors/{monitorId}',
    summary: 'Changes a monitor',
    description: 'Members that are left out stay as they are.',
    useCase: editMonitor,
    input: editMonitorInput,
    output: z.object({ monitor, warnings }),
    run: (ctx, given) => editMonitor(ctx, given),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/monitors/{monitorId}',
    summary: 'Deletes a monitor; its history stays',
    useCase: archiveMonitors,
    input: ref,
    output: moved,
    async run(ctx, { monitorId }) {
      const { changed, warnings: late } = await archiveMonitors(ctx, { monitorIds: [monitorId] });
      return { changed: changed.length > 0, warnings: late };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/monitors/{monitorId}/pause',
    operation: 'pauseMonitor',
    summary: 'Stops the checks of a monitor',
    useCase: setMonitorState,
    input: ref,
    output: moved,
    async run(ctx, { monitorId }) {
      const { changed, warnings: late } = await setMonitorState(ctx, { monitorIds: [monitorId], state: 'paused' });
      return { changed: changed.length > 0, warnings: late };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/monitors/{monitorId}/resume',
    operation: 'resumeMonitor',
    summary: 'Starts the checks of a paused monitor again',
    useCase: setMonitorState,
    input: ref,
    output: moved,
    async run(ctx, { monitorId }) {
      const { changed, warnings: late } = await setMonitorState(ctx, { monitorIds: [monitorId], state: 'active' });
      return { changed: changed.length > 0, warnings: late };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/monitors/{monitorId}/check',
    operation: 'checkMonitor',
    summary: 'Checks a monitor now',
    status: 202,
    useCase: checkMonitorsNow,
    input: ref.extend({ key: checkMonitorsNowInput.shape.key }),
    output: z.object({ started: z.boolean() }),
    async run(ctx, { monitorId, key }) {
      await checkMonitorsNow(ctx, { monitorIds: [monitorId], key });
      return { started: true };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/monitors/{monitorId}/checks',
    summary: 'Lists the checks of a day, latest first',
    useCase: listChecks,
    input: listChecksInput,
    output: pageOf(check),
    async run(ctx, given) {
      const { checks, nextCursor } = await listChecks(ctx, given);
      return { rows: checks, nextCursor };
    },
  }),
];
