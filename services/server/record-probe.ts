import type { Tx } from '../../infra/db/index.ts';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { type RecordedChanges, recordCatalogIn } from '../catalog/record.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { sanitizeForPostgres, sanitizeText } from '../context/sanitize.ts';
import { toJson } from '../context/use-case.ts';

const short = (text: string): string => sanitizeText(text.slice(0, 500));

/** The columns of a server's row after a probe. */
export function toServerState(probe: ProbeResult, at: Date) {
  const common = { probedAt: at, latencyMs: Math.round(probe.latencyMs) };
  if (!probe.ok) return { ...common, status: 'unreachable', probeError: toJson(sanitizeForPostgres(probe.failure)) };
  return {
    ...common,
    status: 'reachable',
    protocolVersion: short(probe.protocolVersion),
    serverName: short(probe.server.name),
    serverVersion: short(probe.server.version),
    hasResources: probe.hasResources,
    probeError: Prisma.DbNull,
  };
}

/**
 * Records a probe or sync of a saved server: its state, one row of history and, when it answered, its catalog. Does
 * nothing for a deleted server. @returns the catalog changes, and the deliveries to start after the commit
 */
export async function recordProbeIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  of: { orgId: string; serverId: string; kind: 'probe' | 'sync'; probe: ProbeResult; at: Date },
): Promise<RecordedChanges> {
  const { orgId, serverId, kind, probe, at } = of;
  const { count } = await tx.server.updateMany({
    where: { orgId, id: serverId, archivedAt: null },
    data: toServerState(probe, at),
  });
  if (count === 0) return { changes: [], deliveries: [] };
  await tx.serverProbe.create({
    data: {
      id: newId(),
      orgId,
      serverId,
      at,
      kind,
      ok: probe.ok,
      latencyMs: Math.round(probe.latencyMs),
      ...(probe.ok ? { toolCount: probe.tools.length } : { error: toJson(sanitizeForPostgres(probe.failure)) }),
    },
  });
  if (!probe.ok) return { changes: [], deliveries: [] };
  const { tools, catalog: report } = probe;
  return recordCatalogIn(tx, deps, { orgId, serverId, tools, report, source: kind, seenAt: at });
}
