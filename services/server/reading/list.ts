import { z } from 'zod';
import type { Db } from '../../../infra/db/index.ts';
import { escapeLike } from '../../../infra/db/queries/like.ts';
import { afterPosition, readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { catalogReport, type ServerView, toServerView } from '../view.ts';

export type ListedServer = ServerView & {
  toolCount: number;
  workflowCount: number;
  authProfileCount: number;
  /** Open findings of the latest report that have to be corrected and that nobody accepted; null before the first. */
  mustFindings: number | null;
};

/** The servers of the workspace, newest first, by keyset. Deleted ones only with `archived`. */
export const listServers = useCase({
  name: 'server.list',
  access: 'viewer',
  input: z.object({
    search: z.string().trim().max(200).optional(),
    archived: z.boolean().default(false),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  async run(
    { db, orgId, now },
    { search, archived, cursor, limit },
  ): Promise<{ servers: ListedServer[]; nextCursor: string | null }> {
    const after = readCursor(cursor);
    const rows = await db.server.findMany({
      where: {
        orgId,
        archivedAt: archived ? { not: null } : null,
        ...(search && { OR: [contains('name', search), contains('url', search)] }),
        ...(after && { AND: [afterPosition(after)] }),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: {
        report: { select: { at: true } },
        _count: {
          select: {
            tools: { where: { active: true } },
            workflows: { where: { state: { not: 'archived' } } },
            authProfiles: { where: { archivedAt: null } },
          },
        },
      },
    });
    const { items, nextCursor } = toPage(rows, limit);
    const mustFindings = await countMustFindings(db, { orgId, serverIds: items.map(({ id }) => id) }, now());
    return {
      servers: items.map((row) => ({
        ...toServerView(row),
        toolCount: row._count.tools,
        workflowCount: row._count.workflows,
        authProfileCount: row._count.authProfiles,
        mustFindings: row.report ? (mustFindings.get(row.id) ?? 0) : null,
      })),
      nextCursor,
    };
  },
});

async function countMustFindings(
  db: Db,
  { orgId, serverIds }: { orgId: string; serverIds: string[] },
  at: Date,
): Promise<Map<string, number>> {
  const rows = await db.reportFinding.groupBy({
    by: ['serverId'],
    where: {
      orgId,
      serverId: { in: serverIds },
      severity: 'must',
      fixedAt: null,
      OR: [{ acceptedAt: null }, { acceptedUntil: { lte: at } }],
    },
    _count: true,
  });
  return new Map(rows.map(({ serverId, _count }) => [serverId, _count]));
}

const contains = (field: 'name' | 'url', search: string) => ({
  [field]: { contains: escapeLike(search), mode: 'insensitive' as const },
});

const probeError = z.object({ kind: z.string(), message: z.string(), remediation: z.string() });

/** What an agent chooses a server by. */
const serverSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  transport: z.string(),
  url: z.string().describe('Without query values.'),
  status: z.string().describe('unknown, reachable or unreachable'),
  protocolVersion: z.string().nullable(),
  serverName: z.string().nullable(),
  serverVersion: z.string().nullable(),
  hasResources: z.boolean(),
  latencyMs: z.number().nullable(),
  probedAt: z.iso.datetime().nullable(),
  probeError: probeError.nullable().describe('Why the last probe failed; null after a successful one.'),
  catalog: catalogReport
    .nullable()
    .describe("Tools that can't be called, and why; null before the first list of tools."),
  syncedAt: z.iso.datetime().nullable(),
  nextSyncAt: z.iso.datetime().nullable().describe('When the next sync is possible; null: now.'),
  createdAt: z.iso.datetime(),
  archivedAt: z.iso.datetime().nullable(),
  toolCount: z.int(),
  workflowCount: z.int(),
  mustFindings: z
    .int()
    .nullable()
    .describe('Findings of the latest report that have to be corrected and were not accepted; null before the first.'),
});

export const serverSummaries = z.object({
  servers: z.array(serverSummary),
  nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
});

/** Only the fields of the summary; `probeError` is a failure of infra/mcp-target as it was stored. */
export const toServerSummary = (server: ListedServer): z.infer<typeof serverSummary> => serverSummary.parse(server);
