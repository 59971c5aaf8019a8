import type { Tool } from '../../agent/ports.ts';
import { type CatalogToolShape, diffCatalog, type ToolChange } from '../../domain/catalog/diff.ts';
import type { Tx } from '../../infra/db/index.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { sanitizeForPostgres, sanitizeText } from '../context/sanitize.ts';
import { toJson } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/ref.ts';
import { startDeliveries } from '../delivery/start.ts';
import { observeChangesIn } from '../incident/recording/observe-changes.ts';

export type CatalogSource = 'probe' | 'sync' | 'run';
export type ObservedCatalog = {
  orgId: string;
  serverId: string;
  /** Every tool that the server advertised. */
  tools: readonly Tool[];
  source: CatalogSource;
  /** When it was asked. An older picture than the catalog's own changes nothing. */
  seenAt: Date;
  /** With which profile it was asked. Profiles may see different tools, so that only the default one's picture counts; that is taken for granted where this is left out. */
  authProfileId?: string;
};

/** A picture that shows nothing new is noted at most so often. */
const minNotedIntervalMs = 60_000;

/**
 * Takes a server's `tools/list` into its catalog: what is new is added, what changed is noted in the tool-change history, what
 * vanished becomes removed and is kept. The first picture of a server is where its history begins, so it makes no changes. Twice the
 * same, or an older one late, changes nothing. What rules tell of the changes is on its way when this returns. Not a use case.
 * @returns what changed.
 */
export async function recordCatalog(
  deps: Pick<Deps, 'db' | 'now' | 'temporal' | 'log'>,
  picture: ObservedCatalog,
): Promise<ToolChange[]> {
  if (await isNothingNew(deps, picture)) return [];
  const { changes, deliveries } = await deps.db.$transaction((tx) => recordCatalogIn(tx, deps, picture));
  await startDeliveries(deps, deliveries);
  return changes;
}

/** What a picture changed, and the deliveries to start once the transaction is committed. */
export type Recorded = { changes: ToolChange[]; deliveries: DeliveryRef[] };

/** The same as part of another short transaction. Takes the server's row lock, which serializes the pictures of one server. */
export async function recordCatalogIn(tx: Tx, deps: Pick<Deps, 'now'>, picture: ObservedCatalog): Promise<Recorded> {
  const { orgId, serverId, source, seenAt } = picture;
  const [server] = await tx.$queryRaw<{ syncedAt: Date | null; archivedAt: Date | null }[]>`
    SELECT "syncedAt", "archivedAt" FROM "Server" WHERE "orgId" = ${orgId}::uuid AND "id" = ${serverId}::uuid FOR UPDATE`;
  if (!server || server.archivedAt || (server.syncedAt && server.syncedAt > seenAt)) return unchanged;
  if (!(await isOfDefaultProfile(tx, picture))) return unchanged;

  const tools = toCatalogTools(picture.tools);
  const rows = await tx.catalogTool.findMany({ where: { orgId, serverId } });
  const active = rows.filter((row) => row.active);
  const changes = diffCatalog(active, tools);
  const changed = new Set(changes.map(({ tool }) => tool));
  const known = new Set(rows.map(({ name }) => name));

  const fresh = tools.filter(({ name }) => !known.has(name));
  await tx.catalogTool.createMany({
    data: fresh.map((tool) => ({
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
  const gone = changes.filter(({ kind }) => kind === 'removed').map(({ tool }) => tool);
  await tx.catalogTool.updateMany({
    where: { orgId, serverId, name: { in: gone } },
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

const unchanged: Recorded = { changes: [], deliveries: [] };

/** Runs show the same catalog again and again: they don't queue for the row lock. */
async function isNothingNew(
  { db }: Pick<Deps, 'db'>,
  { orgId, serverId, tools, seenAt }: ObservedCatalog,
): Promise<boolean> {
  const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { syncedAt: true } });
  if (!server?.syncedAt || seenAt.getTime() - server.syncedAt.getTime() > minNotedIntervalMs) return false;
  const active = await db.catalogTool.findMany({ where: { orgId, serverId, active: true } });
  return diffCatalog(active, toCatalogTools(tools)).length === 0;
}

async function isOfDefaultProfile(tx: Tx, { orgId, serverId, authProfileId }: ObservedCatalog): Promise<boolean> {
  if (authProfileId === undefined) return true;
  const profile = await tx.authProfile.findFirst({
    where: { orgId, serverId, id: authProfileId },
    select: { isDefault: true },
  });
  return profile?.isDefault === true;
}

/** What the catalog keeps of them: as the database can store it, the first of a name. */
function toCatalogTools(tools: readonly Tool[]): CatalogToolShape[] {
  const byName = new Map<string, CatalogToolShape>();
  for (const tool of tools) {
    const name = sanitizeText(tool.name);
    if (!byName.has(name))
      byName.set(name, {
        name,
        title: text(tool.title),
        description: text(tool.description) ?? '',
        inputSchema: sanitizeForPostgres(tool.inputSchema),
        outputSchema: tool.outputSchema === undefined ? null : sanitizeForPostgres(tool.outputSchema),
        annotations: sanitizeForPostgres(tool.annotations ?? {}),
      });
  }
  return [...byName.values()];
}

const text = (value: string | undefined): string | null => (value === undefined ? null : sanitizeText(value));

const toColumns = ({ title, description, inputSchema, outputSchema, annotations }: CatalogToolShape) => ({
  title: title ?? null,
  description: description ?? '',
  inputSchema: toJson(inputSchema),
  outputSchema: outputSchema === null ? Prisma.DbNull : toJson(outputSchema),
  annotations: toJson(annotations),
});
