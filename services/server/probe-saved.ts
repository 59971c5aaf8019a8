import { z } from 'zod';
import type { ToolChange } from '../../domain/catalog/diff.ts';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import { useCase } from '../context/use-case.ts';
import { startDeliveries } from '../delivery/start.ts';
import { probeMs } from './address.ts';
import { loadEndpoint } from './endpoint.ts';
import { recordProbeIn } from './record-probe.ts';

/** Minimum time between two probes that refresh the catalog. */
const refreshMs = 10_000;

/**
 * Probes a saved server with one of its auth profiles. With the default one it also refreshes the server's state and
 * catalog, at most once in ten seconds (`refreshed`). Another profile may see other tools, so its result is only
 * returned.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`
 */
export const probeSavedServer = useCase({
  name: 'server.probe_saved',
  access: 'admin',
  input: z.object({ serverId: z.uuid(), authProfileId: z.uuid().optional() }),
  async run(
    { ctx, orgId, db, targets, write, now },
    { serverId, authProfileId },
  ): Promise<{ probe: ProbeResult; refreshed: boolean; changes: ToolChange[] }> {
    const { endpoint, isDefaultProfile } = await loadEndpoint(ctx.deps, {
      orgId,
      serverId,
      ...(authProfileId !== undefined && { authProfileId }),
    });
    const at = now();
    const refreshed = isDefaultProfile && (await claim());
    // Without the stored revision: an upgraded server may speak a newer one.
    const { protocolVersion: _, ...unasked } = endpoint;
    const probe = await targets.probe(unasked, { signal: new AbortController().signal, timeoutMs: probeMs });
    if (!refreshed) return { probe, refreshed, changes: [] };
    const { changes, deliveries } = await write(
      (tx) => recordProbeIn(tx, ctx.deps, { orgId, serverId, kind: 'probe', probe, at }),
      { subject: serverId, data: { ok: probe.ok } },
    );
    await startDeliveries(ctx.deps, deliveries);
    return { probe, refreshed, changes };

    async function claim(): Promise<boolean> {
      const { count } = await db.server.updateMany({
        where: {
          orgId,
          id: serverId,
          archivedAt: null,
          OR: [{ probedAt: null }, { probedAt: { lte: new Date(at.getTime() - refreshMs) } }],
        },
        data: { probedAt: at },
      });
      return count === 1;
    }
  },
});
