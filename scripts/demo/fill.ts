import type { Client } from 'pg';
import type { Context } from '../../services/context/context.ts';
import { checkMonitorsNow } from '../../services/monitor/check-now.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { connectServer } from '../../services/server/connect.ts';
import { saveStatusPage } from '../../services/status-page/save.ts';
import { addAlerts } from './alerts.ts';
import { addCheckHistory } from './checks.ts';
import { addDrift } from './drift.ts';
import { addRunHistory } from './runs.ts';
import { monitors, type ServerKey, servers } from './team.ts';

export type Demo = {
  ctx: Context & { actor: { kind: 'member'; orgId: string } };
  /** As the owner of the tables, whom the guards of ended runs let pass. */
  owner: Client;
  /** The example shop, whose switches make the failing runs. */
  shop: { url: string; controlUrl: string };
};

export type DemoMonitor = (typeof monitors)[number] & { id: string; serverId: string };

/**
 * Fills an empty workspace as a team's would be after some weeks: real servers, checks and runs first, then their
 * copies in the past, with an outage, a drift, a flaky workflow, incidents, notes and notifications.
 */
export async function fillDemo(demo: Demo): Promise<void> {
  const { ctx, shop } = demo;
  const serverIds = new Map<ServerKey, string>();
  for (const { key, name } of servers) {
    const { serverId, probe } = await connectServer(ctx, {
      name,
      transport: 'streamable_http',
      url: shop.url,
      auth: { kind: 'none' },
    });
    if (serverId === null) throw new Error(probe.ok ? `${name} was not saved.` : probe.failure.message);
    serverIds.set(key, serverId);
  }
  const idOf = (key: ServerKey) => {
    const id = serverIds.get(key);
    if (id === undefined) throw new Error(`There is no server ${key}.`);
    return id;
  };
  const created: DemoMonitor[] = [];
  for (const monitor of monitors) {
    const serverId = idOf(monitor.server);
    const { monitors: made } = await createMonitors(ctx, {
      serverId,
      intervalSeconds: 300,
      monitors: [{ tool: monitor.tool, name: monitor.name, arguments: monitor.arguments, degradedAboveMs: 2000 }],
    });
    for (const { id } of made) created.push({ ...monitor, id, serverId });
  }
  await checkMonitorsNow(ctx, { monitorIds: created.map(({ id }) => id), key: 'demo' });
  const outage = await addCheckHistory(demo, created, idOf('orders'));
  const flaky = await addRunHistory(demo, idOf);
  await addDrift(demo, idOf('orders'));
  await addAlerts(demo, { outage, flaky, monitors: created, ordersId: idOf('orders') });
  await saveStatusPage(ctx, {
    enabled: true,
    title: 'Northwind status',
    description: 'The services behind our shop.',
    serverIds: [idOf('storefront'), idOf('orders')],
    displayNames: { [idOf('storefront')]: 'Shop', [idOf('orders')]: 'Checkout' },
  });
}
