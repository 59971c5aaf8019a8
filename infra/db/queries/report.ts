import type { Tx } from '../index.ts';

export type FoundRow = {
  id: string;
  rule: string;
  place: string;
  subject: string;
  version: number;
  area: string;
  severity: string;
  message: string;
  wire: string | null;
};

/**
 * Stores what a report found, in one statement: a report may have thousands of findings. One that was fixed and comes
 * back is new again, since it was not there all the time.
 * @param found.rows no two of one rule and place
 */
export async function saveFound(
  tx: Tx,
  { orgId, serverId, at, rows }: { orgId: string; serverId: string; at: Date; rows: readonly FoundRow[] },
): Promise<void> {
  const seenAt = at.toISOString();
  await tx.$executeRaw`
    INSERT INTO "ReportFinding" AS f ("id", "orgId", "serverId", "rule", "place", "subject", "version", "area", "severity",
      "message", "wire", "firstSeenAt", "lastSeenAt")
    SELECT r."id", ${orgId}::uuid, ${serverId}::uuid, r."rule", r."place", r."subject", r."version", r."area", r."severity",
      r."message", r."wire", ${seenAt}::timestamptz, ${seenAt}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("id" uuid, "rule" text, "place" text, "subject" text,
      "version" int, "area" text, "severity" text, "message" text, "wire" text)
    ON CONFLICT ("orgId", "serverId", "rule", "place") DO UPDATE SET "version" = excluded."version",
      "severity" = excluded."severity", "message" = excluded."message", "wire" = excluded."wire",
      "lastSeenAt" = excluded."lastSeenAt", "fixedAt" = NULL,
      "firstSeenAt" = CASE WHEN f."fixedAt" IS NULL THEN f."firstSeenAt" ELSE excluded."firstSeenAt" END`;
}
