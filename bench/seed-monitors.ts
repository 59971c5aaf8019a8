import { createHash } from 'node:crypto';
import type { Db } from '../infra/db/index.ts';
import { newId } from '../services/context/ids.ts';
import { toJson } from '../services/context/use-case.ts';
import { bumpSchedulesIn } from '../services/monitor/schedule/sync.ts';

export type SeededServer = { serverId: string; monitorIds: string[] };

/** The calls of the monitors, in turn. Each monitor has its own arguments. */
const calls: ((number: number) => { tool: string; arguments: { [name: string]: unknown } })[] = [
  (number) => ({ tool: 'check_stock', arguments: { sku: 'MUG-001', reference: `monitor-${number}` } }),
  (number) => ({ tool: 'search_products', arguments: { query: 'mug', max_price_cents: 5000 + number, limit: 3 } }),
  (number) => ({ tool: 'list_orders', arguments: { reference: `monitor-${number}` } }),
];

/** Writes a connected server of revision 2026-07-28 with one-minute monitors and the row of their Schedule. */
export async function seedServer(
  db: Db,
  { orgId, url, monitors, schedule = true }: { orgId: string; url: string; monitors: number; schedule?: boolean },
): Promise<SeededServer> {
  const [serverId, authProfileId] = [newId(), newId()] as const;
  await db.server.create({
    data: {
      id: serverId,
      orgId,
      name: new URL(url).host,
      transport: 'streamable_http',
      url,
      protocolVersion: '2026-07-28',
    },
  });
  await db.authProfile.create({
    data: { id: authProfileId, orgId, serverId, name: 'Default', kind: 'none', isDefault: true },
  });
  const rows = Array.from({ length: monitors }, (_, number) => {
    const call = calls[number % calls.length]?.(number) ?? { tool: 'get_shop_status', arguments: {} };
    return {
      id: newId(),
      orgId,
      serverId,
      authProfileId,
      name: `${call.tool} ${number}`,
      tool: call.tool,
      arguments: toJson(call.arguments),
      argumentsKey: createHash('sha256').update(JSON.stringify(call.arguments)).digest('hex'),
      intervalSeconds: 60,
      timeoutSeconds: 30,
    };
  });
  await db.monitor.createMany({ data: rows });
  if (schedule) await db.$transaction((tx) => bumpSchedulesIn(tx, { orgId, serverId, intervals: [60] }));
  return { serverId, monitorIds: rows.map(({ id }) => id) };
}

/** Writes a day of roll-ups and the health of an organization's monitors, as checks would. */
export async function seedHistory(db: Db, { orgId }: { orgId: string }): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "CheckHour" ("orgId", "monitorId", "hour", "pass", "fail", "latency")
    SELECT m."orgId", m."id", date_trunc('hour', now()) - back * interval '1 hour', 59, 1,
      array_fill(0, ARRAY[10]) || 40 || 20 || array_fill(0, ARRAY[39])
    FROM "Monitor" m CROSS JOIN generate_series(0, 24) AS back WHERE m."orgId" = ${orgId}::uuid`;
  await db.$executeRaw`
    INSERT INTO "MonitorHealth" ("orgId", "monitorId", "outcome", "latencyMs", "checkedAt", "since")
    SELECT "orgId", "id", 'pass', 12, now(), now() - interval '1 day' FROM "Monitor" WHERE "orgId" = ${orgId}::uuid`;
}
