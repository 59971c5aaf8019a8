import { z } from 'zod';
import type { ToolChange } from '../../domain/catalog/diff.ts';
import { type ChangeImpact, findImpact } from '../../domain/catalog/impact.ts';
import { wordsOfChange } from '../../domain/catalog/labels.ts';
import { toolName } from '../../domain/catalog/tool-name.ts';
import { givenId } from '../../domain/values/id.ts';
import type { Db } from '../../infra/db/index.ts';
import { readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import { loadWindows } from '../coverage/facts.ts';
import { serverNotFound } from '../server/errors.ts';
import type { ToolChangeView } from '../server/reading/get.ts';
import { parseDefinition } from '../workflow/reading/view.ts';

/** Names and values come from the server and are untrusted. */
export type AffectingChange = ToolChangeView & {
  /** Describes the change, one line per field, breaking ones first. */
  words: string[];
  /** Workflows, monitors and tool policies that use the tool now. */
  affected: ChangeImpact;
};

const maxWorkflows = 500;
const maxMonitors = 1000;

/**
 * Lists a server's tool changes, newest first, with what each affects: workflows whose text or latest runs name the
 * tool, tool policies that name it, and monitors that call it.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const getToolChanges = useCase({
  name: 'catalog.tool_changes',
  access: 'viewer',
  input: z.object({
    serverId: givenId,
    tool: toolName.optional().describe('Changes of this tool alone.'),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  async run(
    { db, orgId },
    { serverId, tool, cursor, limit },
  ): Promise<{ changes: AffectingChange[]; nextCursor: string | null }> {
    const after = readCursor(cursor);
    const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { id: true } });
    if (!server) throw serverNotFound();
    const rows = await db.toolChange.findMany({
      where: {
        orgId,
        serverId,
        ...(tool !== undefined && { tool }),
        ...(after && {
          seenAt: { lte: after.createdAt },
          OR: [{ seenAt: { lt: after.createdAt } }, { id: { lt: after.id } }],
        }),
      },
      orderBy: [{ seenAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    const { items, nextCursor } = toPage(rows, limit, (row) => ({ id: row.id, createdAt: row.seenAt }));
    if (items.length === 0) return { changes: [], nextCursor };
    const uses = await loadToolUses(db, orgId, serverId);
    const impacts = new Map(
      [...new Set(items.map(({ tool }) => tool))].map((tool) => [tool, findImpact(tool, uses)] as const),
    );
    return {
      changes: items.map(({ id, tool, kind, breaking, diff, source, seenAt }) => ({
        id,
        tool,
        kind,
        breaking,
        diff,
        source,
        seenAt: seenAt.toISOString(),
        // Cast: only ./record.ts writes these columns, from a ToolChange.
        words: wordsOfChange({ tool, kind, breaking, ...Object(diff) } as ToolChange),
        affected: impacts.get(tool) ?? { workflows: [], monitors: [], policies: [] },
      })),
      nextCursor,
    };
  },
});

async function loadToolUses(db: Db, orgId: string, serverId: string): Promise<Parameters<typeof findImpact>[1]> {
  const workflows = await db.workflow.findMany({
    where: { orgId, serverId, state: { not: 'archived' } },
    orderBy: { id: 'asc' },
    take: maxWorkflows,
    select: { id: true, activeVersionId: true },
  });
  const versions = await db.workflowVersion.findMany({
    where: { orgId, id: { in: workflows.map(({ activeVersionId }) => activeVersionId) } },
  });
  const monitors = await db.monitor.findMany({
    where: { orgId, serverId, archivedAt: null },
    orderBy: { id: 'asc' },
    take: maxMonitors,
    select: { id: true, name: true, tool: true },
  });
  const called = new Map<string, Set<string>>();
  for (const { workflowId, tools } of (await loadWindows(db, { orgId, serverIds: [serverId] })).get(serverId)?.runs ??
    []) {
    const names = called.get(workflowId) ?? new Set();
    called.set(workflowId, names);
    for (const { tool } of tools) names.add(tool);
  }
  return {
    monitors,
    workflows: versions.map((version) => {
      const { name, prompt, criteria, toolPolicy } = parseDefinition(version);
      return {
        id: version.workflowId,
        name,
        prompt,
        criteria: criteria.map(({ text }) => text),
        allowedTools: toolPolicy.allowedTools,
        blockedTools: toolPolicy.blockedTools,
        called: called.get(version.workflowId) ?? new Set(),
      };
    }),
  };
}
