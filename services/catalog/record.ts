import type { CatalogReport, Tool } from '../../agent/ports.ts';
import { diffCatalog, type ToolChange } from '../../domain/catalog/diff.ts';
import { sameJson } from '../../domain/json/json.ts';
import { dayMs } from '../../domain/values/time.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import { sumRecordedBytes, updateCatalogTools } from '../../infra/db/queries/catalog.ts';
import { lockServerRow } from '../../infra/db/queries/server.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { sanitizeForPostgres } from '../context/sanitize.ts';
import { toJson } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { startDeliveries } from '../delivery/start.ts';
import { observeChangesIn } from '../incident/recording/observe-changes.ts';
import { hasSameNotes, toColumns, toListedTools } from './stored-tool.ts';

export type CatalogSource = 'probe' | 'sync' | 'run';

/** Tools that a server listed at one time. */
export type ObservedCatalog = {
  orgId: string;
  serverId: string;
  /** All tools that can be called. */
  tools: readonly Tool[];
  report: CatalogReport;
  source: CatalogSource;
  /** When the tools were listed. A list older than the catalog changes nothing. */
  seenAt: Date;
  /** Profiles may see different tools, so only lists of the default profile count. Absent: the default one. */
  authProfileId?: string;
};

/** Of new tools and changes of one server. The list that exceeds it is recorded, the next ones are not. */
const maxBytesPerDay = 16 * 1024 * 1024;
const changesTooMuch =
  'More than 16 MiB of new tools and changes were recorded within 24 hours, so the tools are shown as they were before the latest changes. Changes are recorded again when the server changes less.';
/** A list without changes is recorded at most once per this period. */
const unchangedPeriodMs = 60_000;
/** For a transaction that records a catalog: thousands of tools may change at once. */
export const recording = { timeout: 30_000 };

/**
 * Updates a server's catalog from a list of its tools and records the tool changes. Removed tools stay, marked as
 * removed; a list that wasn't read to its end removes none. The first list of a server records no tool changes. Starts
 * the deliveries of the notifications that the changes cause. Not a use case. @returns the tool changes
 */
export async function recordCatalog(
  deps: Pick<Deps, 'db' | 'now' | 'temporal' | 'log'>,
  observed: ObservedCatalog,
): Promise<ToolChange[]> {
  if (await isUnchanged(deps, observed)) return [];
  const { changes, deliveries } = await deps.db.$transaction((tx) => recordCatalogIn(tx, deps, observed), recording);
  await startDeliveries(deps, deliveries);
  return changes;
}

/** Recorded tool changes, and the deliveries to start once the transaction is committed. */
export type RecordedChanges = { changes: ToolChange[]; deliveries: DeliveryRef[] };

/** `recordCatalog` within a short transaction. Takes the server's row lock, which serializes its lists. */
export async function recordCatalogIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  observed: ObservedCatalog,
): Promise<RecordedChanges> {
  const { orgId, serverId, source, seenAt } = observed;
  const locked = await lockServerRow(tx, { orgId, serverId });
  if (!locked || locked.archivedAt || (locked.syncedAt && locked.syncedAt > seenAt)) return unchanged;
  if (!(await isDefaultProfile(tx, observed))) return unchanged;
  const comparison = await compare(tx, observed);
  const { server, active, tools, changes } = comparison;
  if (changes.length > 0 && locked.syncedAt && (await isOverBudget(tx, observed))) {
    const { report } = observed;
    const said = { ...report, complete: false, warnings: [changesTooMuch, ...report.warnings] };
    const catalogReport = toJson(sanitizeForPostgres(said));
    await tx.server.updateMany({ where: { orgId, id: serverId }, data: { syncedAt: seenAt, catalogReport } });
    return unchanged;
  }
  await saveTools(tx, observed, comparison);
  if (locked.syncedAt)
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
  const report = sanitizeForPostgres(observed.report);
  await tx.server.updateMany({
    where: { orgId, id: serverId },
    data: {
      syncedAt: seenAt,
      ...(observed.report.complete && { listedAt: seenAt }),
      ...(!sameJson(server?.catalogReport, report) && { catalogReport: toJson(report) }),
    },
  });
  const deliveries = locked.syncedAt
    ? await observeChangesIn(tx, deps, { orgId, serverId, changes, before: active, after: tools, at: seenAt })
    : [];
  return { changes, deliveries };
}

/** A server that renames or changes all its tools in each run must not fill the database. */
async function isOverBudget(tx: Tx, { orgId, serverId, seenAt }: ObservedCatalog): Promise<boolean> {
  const since = new Date(seenAt.getTime() - dayMs);
  return (await sumRecordedBytes(tx, { orgId, serverId, since })) > maxBytesPerDay;
}

const unchanged: RecordedChanges = { changes: [], deliveries: [] };

/** The stored catalog, and how the list differs from it. */
async function compare(db: Db | Tx, { orgId, serverId, tools: listed, report }: ObservedCatalog) {
  const [server, rows] = await Promise.all([
    db.server.findFirst({
      where: { orgId, id: serverId },
      select: { syncedAt: true, listedAt: true, catalogReport: true },
    }),
    db.catalogTool.findMany({ where: { orgId, serverId } }),
  ]);
  const tools = toListedTools(listed);
  const active = rows.filter((row) => row.active);
  const changes = diffCatalog(active, tools).filter(({ kind }) => kind !== 'removed' || report.complete);
  return { server, known: new Map(rows.map((row) => [row.name, row])), active, tools, changes };
}

type Comparison = Awaited<ReturnType<typeof compare>>;

async function saveTools(
  tx: Tx,
  { orgId, serverId, seenAt }: ObservedCatalog,
  { server, known, tools, changes }: Comparison,
): Promise<void> {
  const changed = new Set(changes.map(({ tool }) => tool));
  await tx.catalogTool.createMany({
    data: tools
      .filter(({ name }) => !known.has(name))
      .map((tool) => ({ orgId, serverId, ...toColumns(tool), firstSeenAt: seenAt, lastSeenAt: seenAt })),
  });
  const differing = tools.filter(
    (tool) => known.has(tool.name) && (changed.has(tool.name) || !hasSameNotes(known.get(tool.name), tool)),
  );
  await updateCatalogTools(tx, { orgId, serverId, tools: differing });
  const removed = changes.filter(({ kind }) => kind === 'removed').map(({ tool }) => tool);
  await tx.catalogTool.updateMany({
    where: { orgId, serverId, name: { in: removed } },
    data: { active: false, removedAt: seenAt, ...(server?.listedAt && { lastSeenAt: server.listedAt }) },
  });
}

/** Avoids the row lock for most runs, which see an unchanged catalog. */
async function isUnchanged({ db }: Pick<Deps, 'db'>, observed: ObservedCatalog): Promise<boolean> {
  const { orgId, serverId, seenAt } = observed;
  const latest = await db.server.findFirst({ where: { orgId, id: serverId }, select: { syncedAt: true } });
  if (!latest?.syncedAt || seenAt.getTime() - latest.syncedAt.getTime() > unchangedPeriodMs) return false;
  const { server, known, tools, changes } = await compare(db, observed);
  return (
    changes.length === 0 &&
    tools.every((tool) => hasSameNotes(known.get(tool.name), tool)) &&
    sameJson(server?.catalogReport, sanitizeForPostgres(observed.report))
  );
}

async function isDefaultProfile(tx: Tx, { orgId, serverId, authProfileId }: ObservedCatalog): Promise<boolean> {
  if (authProfileId === undefined) return true;
  const profile = await tx.authProfile.findFirst({
    where: { orgId, serverId, id: authProfileId },
    select: { isDefault: true },
  });
  return profile?.isDefault === true;
}
