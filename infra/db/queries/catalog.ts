import type { Tx } from '../index.ts';

/** The columns of a `CatalogTool` that a list of tools decides. */
export type ListedTool = {
  name: string;
  title: string | null;
  description: string;
  inputSchema: unknown;
  outputSchema: unknown;
  annotations: unknown;
  taskSupport: string | null;
  warnings: string[];
};

/**
 * Updates tools of a server to what it lists now, and makes them active again. One statement, because there may be
 * thousands. A test call doesn't count any more when the input schema has changed.
 */
export async function updateCatalogTools(
  tx: Tx,
  { orgId, serverId, tools }: { orgId: string; serverId: string; tools: readonly ListedTool[] },
): Promise<void> {
  if (tools.length === 0) return;
  await tx.$executeRaw`
    UPDATE "CatalogTool" c SET "title" = t."title", "description" = t."description", "inputSchema" = t."inputSchema",
      "outputSchema" = t."outputSchema", "annotations" = t."annotations", "taskSupport" = t."taskSupport",
      "warnings" = t."warnings", "active" = true, "removedAt" = NULL,
      "testCall" = CASE WHEN c."inputSchema" = t."inputSchema" THEN c."testCall" END
    FROM jsonb_to_recordset(${JSON.stringify(tools)}::jsonb) AS t("name" text, "title" text, "description" text,
      "inputSchema" jsonb, "outputSchema" jsonb, "annotations" jsonb, "taskSupport" text, "warnings" text[])
    WHERE c."orgId" = ${orgId}::uuid AND c."serverId" = ${serverId}::uuid AND c."name" = t."name"`;
}

/** What the new tools and the tool changes of a server since then take in the database, in bytes. */
export async function sumRecordedBytes(
  tx: Tx,
  { orgId, serverId, since }: { orgId: string; serverId: string; since: Date },
): Promise<number> {
  const after = since.toISOString();
  const [row] = await tx.$queryRaw<{ bytes: number }[]>`
    SELECT (
      (SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM "CatalogTool" t
        WHERE t."orgId" = ${orgId}::uuid AND t."serverId" = ${serverId}::uuid AND t."firstSeenAt" > ${after}::timestamptz)
      + (SELECT coalesce(sum(pg_column_size(c.*)), 0) FROM "ToolChange" c
        WHERE c."orgId" = ${orgId}::uuid AND c."serverId" = ${serverId}::uuid AND c."seenAt" > ${after}::timestamptz)
    )::float8 AS "bytes"`;
  return row?.bytes ?? 0;
}
