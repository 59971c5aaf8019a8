import { z } from 'zod';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import type { AuthProfileModel, CatalogToolModel, ServerModel } from '../../prisma/generated/models.ts';
import { syncCooldownMs } from '../catalog/sync.ts';

/** A `CatalogReport` as JSON. Names and sentences contain text of the server. */
export const catalogReport = z.object({
  declaresTools: z.boolean().describe('Whether the server declares the tools capability.'),
  complete: z.boolean().describe('Whether the list of tools was read to its end.'),
  unusable: z.array(z.object({ name: z.string().nullable(), reasons: z.array(z.string()) })),
  warnings: z.array(z.string()).describe('About the list as a whole.'),
});

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
  /** What the latest list of tools lacked; null before the first. */
  catalog: catalogReport.nullable().parse(row.catalogReport),
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

/** A tool as the server advertised it (untrusted). @param listedAt when all active tools were last seen */
export const toToolView = (row: CatalogToolModel, listedAt: Date | null) => ({
  name: row.name,
  title: row.title,
  description: row.description,
  inputSchema: row.inputSchema,
  outputSchema: row.outputSchema,
  annotations: row.annotations,
  taskSupport: row.taskSupport,
  warnings: row.warnings,
  repeatability: row.repeatability,
  active: row.active,
  firstSeenAt: row.firstSeenAt.toISOString(),
  lastSeenAt: (row.active && listedAt && listedAt > row.lastSeenAt ? listedAt : row.lastSeenAt).toISOString(),
  removedAt: iso(row.removedAt),
});
export type ToolView = ReturnType<typeof toToolView>;

/** Of a description, in the list of a probe's tools. */
const maxDescriptionLength = 200;

export type ProbeView =
  | (Omit<Extract<ProbeResult, { ok: true }>, 'tools'> & {
      tools: { name: string; description: string; warnings: string[] }[];
    })
  | Extract<ProbeResult, { ok: false }>;

/** What a page shows of a probe: without the schemas, which may have megabytes. */
export function toProbeView(probe: ProbeResult): ProbeView {
  if (!probe.ok) return probe;
  const tools = probe.tools.map(({ name, description = '', warnings = [] }) => ({
    name,
    description: description.slice(0, maxDescriptionLength),
    warnings,
  }));
  return { ...probe, tools };
}

const failure = z.object({
  kind: z.string(),
  message: z.string(),
  remediation: z.string(),
  details: z
    .object({
      status: z.number(),
      answer: z.string(),
      rpcCode: z.number(),
      rpcMessage: z.string(),
      wwwAuthenticate: z.object({ error: z.string(), errorDescription: z.string(), scope: z.string() }).partial(),
      location: z.string(),
      authorizationServer: z.string(),
    })
    .partial()
    .catch({}),
});

/** A stored failure of a probe; null for anything else. */
export const toFailureView = (stored: unknown) => failure.safeParse(stored).data ?? null;
