import { createHash } from 'node:crypto';
import type { Deps } from '../../services/context/context.ts';
import { newId } from '../../services/context/ids.ts';
import { toJson } from '../../services/context/use-case.ts';

export type NewMonitor = {
  tool: string;
  name?: string;
  arguments?: { [name: string]: unknown };
  timeoutSeconds?: number;
  degradedAboveMs?: number;
  assertions?: string[];
  checkOutputSchema?: boolean;
  storeResults?: boolean;
  state?: 'active' | 'paused';
};

/** A server with a default auth profile, written directly. @returns their ids */
export async function makeServer(
  { db }: Pick<Deps, 'db'>,
  { orgId, url, ...more }: { orgId: string; url: string; maxConcurrency?: number; protocolVersion?: string },
): Promise<{ serverId: string; authProfileId: string }> {
  const [serverId, authProfileId] = [newId(), newId()] as const;
  await db.server.create({
    data: { id: serverId, orgId, name: 'Under test', transport: 'streamable_http', url, ...more },
  });
  await db.authProfile.create({
    data: { id: authProfileId, orgId, serverId, name: 'Default', kind: 'none', isDefault: true },
  });
  return { serverId, authProfileId };
}

/** Monitors, written directly, without their Schedule. @returns their ids, in order */
export async function makeMonitors(
  { db }: Pick<Deps, 'db'>,
  of: { orgId: string; serverId: string; authProfileId: string; intervalSeconds?: number },
  monitors: readonly NewMonitor[],
): Promise<string[]> {
  const rows = monitors.map((monitor) => ({
    id: newId(),
    intervalSeconds: 60,
    ...of,
    name: monitor.tool,
    timeoutSeconds: 10,
    ...monitor,
    arguments: toJson(monitor.arguments ?? {}),
    // Only its being unique counts here.
    argumentsKey: createHash('sha256').update(newId()).digest('hex'),
  }));
  await db.monitor.createMany({ data: rows });
  return rows.map(({ id }) => id);
}
