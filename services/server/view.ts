import type { AuthProfileModel, CatalogToolModel, ServerModel } from '../../prisma/generated/models.ts';
import { syncCooldownMs } from '../catalog/sync.ts';

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

/** A server for readers: names of headers and query parameters, never their values. Times are ISO 8601. */
export const toServerView = (row: ServerModel) => ({
  id: row.id,
  name: row.name,
  transport: row.transport,
  /** Without query. */
  url: row.url,
  queryNames: row.queryNames,
  headerNames: row.headerNames,
  maxConcurrency: row.maxConcurrency,
  status: row.status,
  protocolVersion: row.protocolVersion,
  serverName: row.serverName,
  serverVersion: row.serverVersion,
  hasResources: row.hasResources,
  latencyMs: row.latencyMs,
  probedAt: iso(row.probedAt),
  probeError: row.probeError,
  syncedAt: iso(row.syncedAt),
  /** Interval of the periodic sync; 0: never. */
  syncEveryMinutes: row.syncEveryMinutes,
  /** When a sync is possible again; null: now. */
  nextSyncAt: iso(row.syncAttemptedAt && new Date(row.syncAttemptedAt.getTime() + syncCooldownMs)),
  createdAt: row.createdAt.toISOString(),
  archivedAt: iso(row.archivedAt),
});
export type ServerView = ReturnType<typeof toServerView>;

export const toProfileView = ({ id, name, kind, header, isDefault, createdAt }: AuthProfileModel) => ({
  id,
  name,
  kind,
  header,
  isDefault,
  createdAt: createdAt.toISOString(),
});
export type ProfileView = ReturnType<typeof toProfileView>;

/** A tool as the server advertised it (untrusted). */
export const toToolView = (row: CatalogToolModel) => ({
  name: row.name,
  title: row.title,
  description: row.description,
  inputSchema: row.inputSchema,
  outputSchema: row.outputSchema,
  annotations: row.annotations,
  repeatability: row.repeatability,
  active: row.active,
  firstSeenAt: row.firstSeenAt.toISOString(),
  lastSeenAt: row.lastSeenAt.toISOString(),
  removedAt: iso(row.removedAt),
});
export type ToolView = ReturnType<typeof toToolView>;
