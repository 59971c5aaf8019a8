import { createHash } from 'node:crypto';
import type { Tool } from '../../agent/ports.ts';
import type { CatalogToolShape } from '../../domain/catalog/diff.ts';
import { toEntries } from '../../domain/json/json.ts';
import type { Db } from '../../infra/db/index.ts';
import { sanitizeForPostgres } from '../context/sanitize.ts';
import { toJson } from '../context/use-case.ts';

type Seen = { orgId: string; serverId: string };

/**
 * Keeps the tools that a run saw. The same list, in any order, is stored once, and so is each tool in the lists of an
 * organization. May be repeated. Not a use case. @returns the hash of the snapshot
 */
export async function saveSnapshot(
  db: Db,
  { orgId, serverId, tools }: Seen & { tools: readonly Tool[] },
): Promise<string> {
  const stored = tools
    .map(({ warnings: _, ...tool }) => sanitizeForPostgres(tool))
    .map((tool) => ({ tool, hash: sha256(JSON.stringify(tool)) }))
    .sort((one, other) => (one.hash < other.hash ? -1 : 1));
  const toolHashes = stored.map(({ hash }) => hash);
  const hash = sha256(toolHashes.join());
  if (await db.catalogSnapshot.findFirst({ where: { orgId, serverId, hash }, select: { hash: true } })) return hash;
  const known = await db.snapshotTool.findMany({ where: { orgId, hash: { in: toolHashes } }, select: { hash: true } });
  const knownHashes = new Set(known.map((row) => row.hash));
  // The tools first: a snapshot that exists is complete.
  await db.snapshotTool.createMany({
    data: stored
      .filter((each) => !knownHashes.has(each.hash))
      .map((each) => ({ orgId, ...each, tool: toJson(each.tool) })),
    skipDuplicates: true,
  });
  await db.catalogSnapshot.createMany({ data: { orgId, serverId, hash, toolHashes }, skipDuplicates: true });
  return hash;
}

/** The tools that a run saw, by its `catalogHash`; null where it saw none. */
export async function loadSnapshot(
  db: Db,
  { orgId, serverId, hash }: Seen & { hash: string | null },
): Promise<CatalogToolShape[] | null> {
  if (hash === null) return null;
  const snapshot = await db.catalogSnapshot.findFirst({
    where: { orgId, serverId, hash },
    select: { toolHashes: true },
  });
  if (!snapshot) return null;
  const rows = await db.snapshotTool.findMany({
    where: { orgId, hash: { in: snapshot.toolHashes } },
    select: { tool: true },
  });
  return rows.flatMap(({ tool }) => toShape(tool)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

function toShape(tool: unknown): CatalogToolShape[] {
  const fields = toEntries(tool);
  const name = fields?.get('name');
  if (!fields || typeof name !== 'string') return [];
  return [
    {
      name,
      title: textOf(fields.get('title')),
      description: textOf(fields.get('description')),
      inputSchema: fields.get('inputSchema'),
      outputSchema: fields.get('outputSchema') ?? null,
      annotations: fields.get('annotations') ?? {},
    },
  ];
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
