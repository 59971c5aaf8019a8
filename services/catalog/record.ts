import type { Tool } from '../../agent/ports.ts';
import { type CatalogToolShape, diffCatalog, type ToolChange } from '../../domain/catalog/diff.ts';
import type { Tx } from '../../infra/db/index.ts';
import { lockServerRow } from '../../infra/db/queries/server.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { sanitizeForPostgres, sanitizeText } from '../context/sanitize.ts';
import { toJson } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { startDeliveries } from '../delivery/start.ts';
import { observeChangesIn } from '../incident/recording/observe-changes.ts';

export type CatalogSource = 'probe' | 'sync' | 'run';
/** Tools that a server listed at one time. */
export type ObservedCatalog = {
  orgId: string;
  serverId: string;
  /** All tools that the server listed. */
  tools: readonly Tool[];
  source: CatalogSource;
  /** When the tools were listed. A snapshot older than the catalog changes nothing. */
  seenAt: Date;
  /** Profiles may see different tools, so only snapshots of the default profile count. Absent: the default one. */
  authProfileId?: string;
};

/** A snapshot without changes is recorded at most once per this period. */
const unchangedPeriodMs = 60_000;

/**
 * Updates a server's catalog from a snapshot of its tools and records the tool changes. Removed tools stay, marked as
 * removed. The first snapshot of a server records no tool changes. Starts the deliveries of the notifications that
 * the changes cause. Not a use case. @returns the tool changes
 */
export async function recordCatalog(
  deps: Pick<Deps, 'db' | 'now' | 'temporal' | 'log'>,
  snapshot: ObservedCatalog,
): Promise<ToolChange[]> {
  if (await isUnchanged(deps, snapshot)) return [];
  const { changes, deliveries } = await deps.db.$transaction((tx) => recordCatalogIn(tx, deps, snapshot));
  await startDeliveries(deps, deliveries);
  return changes;
}

/** Recorded tool changes, and the deliveries to start once the transaction is committed. */
export type RecordedChanges = { changes: ToolChange[]; deliveries: DeliveryRef[] };

/** `recordCatalog` within a short transaction. Takes the server's row lock, which serializes its snapshots. */
export async function recordCatalogIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  snapshot: ObservedCatalog,
): Promise<RecordedChanges> {
  const { orgId, serverId, source, seenAt } = snapshot;
  const server = await lockServerRow(tx, { orgId, serverId });
  if (!server || server.archivedAt || (server.syncedAt && server.syncedAt > seenAt)) return unchanged;
  if (!(await isDefaultProfile(tx, snapshot))) return unchanged;

  const tools = toCatalogTools(snapshot.tools);
  const rows = await tx.catalogTool.findMany({ where: { orgId, serverId } });
  const active = rows.filter((row) => row.active);
  const changes = diffCatalog(active, tools);
  const changed = new Set(changes.map(({ tool }) => tool));
  const known = new Set(rows.map(({ name }) => name));

  const added = tools.filter(({ name }) => !known.has(name));
  await tx.catalogTool.createMany({
    data: added.map((tool) => ({
      orgId,
      serverId,
      name: tool.name,
      ...toColumns(tool),
      firstSeenAt: seenAt,
      lastSeenAt: seenAt,
    })),
  });
  for (const tool of tools.filter(({ name }) => known.has(name) && changed.has(name)))
    await tx.catalogTool.update({
      where: { orgId_serverId_name: { orgId, serverId, name: tool.name } },
      data: { ...toColumns(tool), active: true, removedAt: null },
    });
  const removed = changes.filter(({ kind }) => kind === 'removed').map(({ tool }) => tool);
  await tx.catalogTool.updateMany({
    where: { orgId, serverId, name: { in: removed } },
    data: { active: false, removedAt: seenAt },
  });
  await tx.catalogTool.updateMany({ where: { orgId, serverId, active: true }, data: { lastSeenAt: seenAt } });
  if (server.syncedAt)
    await tx.toolChange.createMany({
      data: changes.map(({ tool, kind, breaking, ...diff }) => ({
        id: newId(),
        orgId,
        serverId,
        tool,
        kind,
        breaking,
        diff: toJson(diff),
        source,
        seenAt,
      })),
    });
  await tx.server.updateMany({ where: { orgId, id: serverId }, data: { syncedAt: seenAt } });
  const deliveries = server.syncedAt
    ? await observeChangesIn(tx, deps, { orgId, serverId, changes, before: active, after: tools, at: seenAt })
    : [];
  return { changes, deliveries };
}

const unchanged: RecordedChanges = { changes: [], deliveries: [] };

/** Avoids the row lock for most runs, which see an unchanged catalog. */
async function isUnchanged(
  { db }: Pick<Deps, 'db'>,
  { orgId, serverId, tools, seenAt }: ObservedCatalog,
): Promise<boolean> {
  const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { syncedAt: true } });
  if (!server?.syncedAt || seenAt.getTime() - server.syncedAt.getTime() > unchangedPeriodMs) return false;
  const active = await db.catalogTool.findMany({ where: { orgId, serverId, active: true } });
  return diffCatalog(active, toCatalogTools(tools)).length === 0;
}

async function isDefaultProfile(tx: Tx, { orgId, serverId, authProfileId }: ObservedCatalog): Promise<boolean> {
  if (authProfileId === undefined) return true;
  const profile = await tx.authProfile.findFirst({
    where: { orgId, serverId, id: authProfileId },
    select: { isDefault: true },
  });
  return profile?.isDefault === true;
}

/** Converts tools to what the database can store, without those that repeat a name. */
function toCatalogTools(tools: readonly Tool[]): CatalogToolShape[] {
  const byName = new Map<string, CatalogToolShape>();
  for (const tool of tools) {
    const name = sanitizeText(tool.name);
    if (!byName.has(name))
      byName.set(name, {
        name,
        title: toStoredText(tool.title),
        description: toStoredText(tool.description) ?? '',
        inputSchema: sanitizeForPostgres(tool.inputSchema),
        outputSchema: tool.outputSchema === undefined ? null : sanitizeForPostgres(tool.outputSchema),
        annotations: sanitizeForPostgres(tool.annotations ?? {}),
      });
  }
  return [...byName.values()];
}

const toStoredText = (value: string | undefined): string | null => (value === undefined ? null : sanitizeText(value));

const toColumns = ({ title, description, inputSchema, outputSchema, annotations }: CatalogToolShape) => ({
  title: title ?? null,
  description: description ?? '',
  inputSchema: toJson(inputSchema),
  outputSchema: outputSchema === null ? Prisma.DbNull : toJson(outputSchema),
  annotations: toJson(annotations),
});
