import { z } from 'zod';
import type { ToolChange } from '../../domain/catalog/diff.ts';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import { startDeliveries } from '../delivery/start.ts';
import { startReport } from '../report/start.ts';
import { probeMs } from '../server/address.ts';
import { loadEndpoint } from '../server/endpoint.ts';
import { serverArchived, serverNotFound } from '../server/errors.ts';
import { recordProbeIn } from '../server/record-probe.ts';
import { recording } from './record.ts';
import { toolChangeSchema } from './schema.ts';
import { syncFailed } from './sync-failed.ts';

/** A server is synced at most once per this period, whoever starts the sync and however it ends. */
export const syncCooldownMs = 5 * 60_000;

export const syncOutput = z.object({
  serverId: z.uuid(),
  toolCount: z.int(),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.string()).describe('Names of tools that are still there but differ.'),
  changes: z.array(toolChangeSchema).describe('Each change, field by field, and whether it breaks callers.'),
});
export type SyncResult = Omit<z.infer<typeof syncOutput>, 'changes'> & { changes: ToolChange[] };

/**
 * Refreshes the catalog of a saved server. One statement starts the cooldown before the server is called, so only one
 * of two concurrent syncs calls it. A workflow makes the report on the server afterwards.
 * @param input.source Armature itself starts `implicit` and `periodic` syncs
 * @throws ArmatureError `sync_cooldown_active` (`retryAfterSeconds`, `retryAt`), `sync_failed`, `target_blocked`,
 *   `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`, `rate_limited`
 */
export const syncServer = useCase({
  name: 'catalog.sync',
  access: 'admin',
  input: z.object({ serverId: givenId, source: z.enum(['explicit', 'implicit', 'periodic']).default('explicit') }),
  async run(context, { serverId, source }): Promise<SyncResult> {
    const sync = () => claimAndSync(context, { serverId, source });
    // Periodic syncs have a limit of their own (./sync-due.ts): there is nobody who could try again.
    return source === 'periodic' ? sync() : context.probes.run(context.orgId, sync);
  },
});

async function claimAndSync(
  { ctx, orgId, db, targets, write, now }: UseCaseContext,
  { serverId, source }: { serverId: string; source: 'explicit' | 'implicit' | 'periodic' },
): Promise<SyncResult> {
  const { endpoint } = await loadEndpoint(ctx.deps, { orgId, serverId });
  const at = now();
  const isClaimed = await write(
    async (tx) => {
      const { count } = await tx.server.updateMany({
        where: {
          orgId,
          id: serverId,
          archivedAt: null,
          OR: [{ syncAttemptedAt: null }, { syncAttemptedAt: { lte: new Date(at.getTime() - syncCooldownMs) } }],
        },
        data: { syncAttemptedAt: at },
      });
      return count === 1;
    },
    (isClaimed) => (isClaimed ? { subject: serverId, data: { source } } : null),
  );
  if (!isClaimed) {
    const row = await db.server.findFirst({ where: { orgId, id: serverId } });
    if (!row) throw serverNotFound();
    if (row.archivedAt) throw serverArchived();
    throw cooldownActive(row.syncAttemptedAt ?? at, at);
  }

  const { protocolVersion: _, ...target } = endpoint;
  const probe = await targets.probe(target, { signal: new AbortController().signal, timeoutMs: probeMs });
  const { changes, deliveries } = await db.$transaction(async (tx) => {
    const recorded = await recordProbeIn(tx, ctx.deps, { orgId, serverId, kind: 'sync', probe, at });
    if (probe.ok) await tx.server.updateMany({ where: { orgId, id: serverId }, data: { reportDueAt: at } });
    return recorded;
  }, recording);
  await startDeliveries(ctx.deps, deliveries);
  if (!probe.ok) throw syncFailed(probe.failure);
  await startReport(ctx.deps, { orgId, serverId });
  const toolsWith = (...kinds: ToolChange['kind'][]) =>
    changes.filter(({ kind }) => kinds.includes(kind)).map(({ tool }) => tool);
  const [added, removed] = [toolsWith('added'), toolsWith('removed')];
  const addedOrRemoved = new Set([...added, ...removed]);
  return {
    serverId,
    toolCount: probe.tools.length,
    added,
    removed,
    changed: [...new Set(changes.map(({ tool }) => tool).filter((tool) => !addedOrRemoved.has(tool)))],
    changes,
  };
}

function cooldownActive(since: Date, at: Date): ArmatureError {
  const retryAt = new Date(since.getTime() + syncCooldownMs);
  const retryAfterSeconds = Math.max(1, Math.ceil((retryAt.getTime() - at.getTime()) / 1000));
  return new ArmatureError(
    'sync_cooldown_active',
    'The last sync of this server was less than five minutes ago.',
    `Try again in ${retryAfterSeconds} s.`,
    { retryAfterSeconds, retryAt: retryAt.toISOString() },
  );
}
