import { z } from 'zod';
import type { ToolChange } from '../../domain/catalog/diff.ts';
import { givenId } from '../../domain/values/id.ts';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import { recording } from '../catalog/record.ts';
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
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`, `rate_limited`
 */
export const probeSavedServer = useCase({
  name: 'server.probe_saved',
  access: 'admin',
  input: z.object({ serverId: givenId, authProfileId: givenId.optional() }),
  async run(
    { ctx, orgId, db, targets, probes, write, now },
    { serverId, authProfileId },
  ): Promise<{ probe: ProbeResult; refreshed: boolean; changes: ToolChange[] }> {
    const { endpoint, isDefaultProfile } = await loadEndpoint(ctx.deps, {
      orgId,
      serverId,
      ...(authProfileId !== undefined && { authProfileId }),
    });
    // Without the stored revision: an upgraded server may speak a newer one.
    const { protocolVersion: _, ...unasked } = endpoint;
    const { probe, refreshed, at } = await probes.run(orgId, async () => {
      const at = now();
      const refreshed = isDefaultProfile && (await claim(at));
      const probe = await targets.probe(unasked, { signal: new AbortController().signal, timeoutMs: probeMs });
      return { probe, refreshed, at };
    });
    if (!refreshed) return { probe, refreshed, changes: [] };
    const { changes, deliveries } = await write(
      (tx) => recordProbeIn(tx, ctx.deps, { orgId, serverId, kind: 'probe', probe, at }),
      { subject: serverId, data: { ok: probe.ok } },
      recording,
    );
    await startDeliveries(ctx.deps, deliveries);
    return { probe, refreshed, changes };

    async function claim(at: Date): Promise<boolean> {
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
