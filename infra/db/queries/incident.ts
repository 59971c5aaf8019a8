import type { SubjectKind } from '../../../domain/incident/incident.ts';
import type { Db, Tx } from '../index.ts';

type SubjectKey = { kind: SubjectKind; key: string };
type IncidentRef = SubjectKey & { id: string };

/** Creates the subjects that are missing, in the order of their keys. @param of.state their state as JSON */
export async function createMissingSubjects(
  tx: Tx,
  { orgId, keys, state }: { orgId: string; keys: readonly SubjectKey[]; state: string },
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "AlertSubject" ("orgId", "kind", "key", "state")
    SELECT ${orgId}::uuid, k."kind", k."key", ${state}::jsonb
    FROM (SELECT DISTINCT * FROM unnest(${keys.map(({ kind }) => kind)}::text[], ${keys.map(({ key }) => key)}::text[])
      AS u("kind", "key")) k
    ORDER BY k."kind", k."key" ON CONFLICT DO NOTHING`;
}

/** Locks subjects' rows in the order of their keys, so that two transactions can't wait for each other. */
export function lockSubjectRows(
  tx: Tx,
  { orgId, keys }: { orgId: string; keys: readonly SubjectKey[] },
): Promise<(SubjectKey & { state: unknown })[]> {
  return tx.$queryRaw<(SubjectKey & { state: unknown })[]>`
    SELECT s."kind", s."key", s."state" FROM "AlertSubject" s
    WHERE s."orgId" = ${orgId}::uuid AND (s."kind", s."key") IN (
      SELECT * FROM unnest(${keys.map(({ kind }) => kind)}::text[], ${keys.map(({ key }) => key)}::text[]))
    ORDER BY s."kind", s."key" FOR UPDATE`;
}

export async function saveSubjectRows(
  tx: Tx,
  { orgId, subjects }: { orgId: string; subjects: readonly (SubjectKey & { state: object })[] },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "AlertSubject" s SET "state" = n."state"
    FROM jsonb_to_recordset(${JSON.stringify(subjects)}::jsonb) AS n("kind" text, "key" text, "state" jsonb)
    WHERE s."orgId" = ${orgId}::uuid AND s."kind" = n."kind" AND s."key" = n."key"`;
}

/** Of a server and these of its monitors and auth profiles, the subjects with an open incident. */
export function findFailingSubjects(
  tx: Tx,
  {
    orgId,
    serverId,
    monitorIds,
    profileIds,
  }: { orgId: string; serverId: string; monitorIds: readonly string[]; profileIds: readonly string[] },
): Promise<SubjectKey[]> {
  return tx.$queryRaw<SubjectKey[]>`
    SELECT "kind", "key" FROM "AlertSubject"
    WHERE "orgId" = ${orgId}::uuid AND "state"->>'open' IS NOT NULL
      AND (("kind" = 'monitor' AND "key" = ANY(${[...monitorIds]}::text[])) OR ("kind" = 'server' AND "key" = ${serverId}::text)
        OR ("kind" = 'auth_profile' AND "key" = ANY(${[...profileIds]}::text[])))`;
}

/** What changes of an open incident. What is left out stays; with `closedAt` it has recovered. */
type IncidentChange = {
  id: string;
  level?: string;
  summary?: string;
  cause?: object;
  /** Only an earlier one is taken: the first came from a clock that ran ahead. */
  openedAt?: Date | null;
  lastFailedAt?: Date;
  failureCount?: number | undefined;
  parentId?: string | null;
  closedAt?: Date;
};

export async function updateOpenIncidents(
  tx: Tx,
  { orgId, changes }: { orgId: string; changes: readonly IncidentChange[] },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Incident" i SET
      "level" = COALESCE(n."level", i."level"), "summary" = COALESCE(n."summary", i."summary"),
      "cause" = COALESCE(n."cause", i."cause"), "lastFailedAt" = COALESCE(n."lastFailedAt", i."lastFailedAt"),
      "openedAt" = LEAST(i."openedAt", n."openedAt", n."closedAt"),
      "failureCount" = COALESCE(n."failureCount", i."failureCount"), "parentId" = COALESCE(n."parentId", i."parentId"),
      "closedAt" = n."closedAt", "closeReason" = CASE WHEN n."closedAt" IS NULL THEN NULL ELSE 'recovered' END
    FROM jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) AS n("id" uuid, "level" text, "summary" text, "cause" jsonb, "openedAt" timestamptz,
      "lastFailedAt" timestamptz, "failureCount" int, "parentId" uuid, "closedAt" timestamptz)
    WHERE i."orgId" = ${orgId}::uuid AND i."id" = n."id" AND i."closedAt" IS NULL`;
}

/** Closes those that are open, not before they were opened. */
export async function closeIncidents(
  tx: Tx,
  {
    orgId,
    ids,
    at,
    reason,
    closedBy,
  }: { orgId: string; ids: readonly string[]; at: Date; reason: string; closedBy: string | null },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Incident" SET "closedAt" = GREATEST(${at.toISOString()}::timestamptz, "openedAt"), "closeReason" = ${reason},
      "closedBy" = ${closedBy}
    WHERE "orgId" = ${orgId}::uuid AND "id" = ANY(${[...ids]}::uuid[]) AND "closedAt" IS NULL`;
}

/**
 * Open incidents of these monitors and workflows, of everything on these servers, and of servers and auth profiles
 * without an active monitor.
 */
export function findIncidentsOfRemoved(
  tx: Tx,
  {
    orgId,
    monitorIds,
    workflowIds,
    serverIds,
  }: { orgId: string; monitorIds: readonly string[]; workflowIds: readonly string[]; serverIds: readonly string[] },
): Promise<IncidentRef[]> {
  return tx.$queryRaw<IncidentRef[]>`
    SELECT i."id", i."subjectKind" AS "kind", i."subjectKey" AS "key" FROM "Incident" i
    WHERE i."orgId" = ${orgId}::uuid AND i."closedAt" IS NULL AND (
      (i."subjectKind" = 'monitor' AND i."monitorId" = ANY(${[...monitorIds]}::uuid[]))
      OR (i."subjectKind" = 'workflow' AND i."workflowId" = ANY(${[...workflowIds]}::uuid[]))
      OR i."serverId" = ANY(${[...serverIds]}::uuid[])
      OR (i."subjectKind" = 'server'
        AND i."serverId" IN (SELECT "serverId" FROM "Monitor"
          WHERE "orgId" = ${orgId}::uuid AND "id" = ANY(${[...monitorIds]}::uuid[]))
        AND NOT EXISTS (SELECT 1 FROM "Monitor" m
          WHERE m."orgId" = i."orgId" AND m."serverId" = i."serverId" AND m."state" = 'active'))
      OR (i."subjectKind" = 'auth_profile'
        AND i."subjectKey" IN (SELECT "authProfileId"::text FROM "Monitor"
          WHERE "orgId" = ${orgId}::uuid AND "id" = ANY(${[...monitorIds]}::uuid[]))
        AND NOT EXISTS (SELECT 1 FROM "Monitor" m
          WHERE m."orgId" = i."orgId" AND m."authProfileId"::text = i."subjectKey" AND m."state" = 'active')))`;
}

export type OrphanedIncident = IncidentRef & { orgId: string; reason: 'paused' | 'deleted' | 'changed' };

/** Open incidents, of all organizations, whose subject is paused, deleted or no longer tested. */
export function findOrphanedIncidents(db: Db, { limit }: { limit: number }): Promise<OrphanedIncident[]> {
  return db.$queryRaw<OrphanedIncident[]>`
    SELECT i."orgId", i."id", i."subjectKind" AS "kind", i."subjectKey" AS "key",
      CASE WHEN s."archivedAt" IS NOT NULL OR m."state" = 'archived' OR w."state" = 'archived' THEN 'deleted'
        WHEN w."state" = 'active' THEN 'changed' ELSE 'paused' END AS "reason"
    FROM "Incident" i
    LEFT JOIN "Server" s ON s."orgId" = i."orgId" AND s."id" = i."serverId"
    LEFT JOIN "Monitor" m ON m."orgId" = i."orgId" AND m."id" = i."monitorId"
    LEFT JOIN "Workflow" w ON w."orgId" = i."orgId" AND w."id" = i."workflowId"
    LEFT JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE i."closedAt" IS NULL AND (
      s."archivedAt" IS NOT NULL
      OR (i."subjectKind" = 'monitor' AND m."state" <> 'active')
      OR (i."subjectKind" = 'workflow' AND (w."state" <> 'active' OR NOT (v."definition"->'testerModels' ? i."model")))
      OR (i."subjectKind" = 'server' AND NOT EXISTS (SELECT 1 FROM "Monitor" n
        WHERE n."orgId" = i."orgId" AND n."serverId" = i."serverId" AND n."state" = 'active'))
      OR (i."subjectKind" = 'auth_profile' AND NOT EXISTS (SELECT 1 FROM "Monitor" n
        WHERE n."orgId" = i."orgId" AND n."authProfileId"::text = i."subjectKey" AND n."state" = 'active')))
    ORDER BY i."id" LIMIT ${limit}::int`;
}

/** What rules have notified of incidents so far. */
type NotificationRow = { ruleId: string; incidentId: string; state: object; dueAt: Date | null };

export async function saveNotificationStates(
  tx: Tx,
  { orgId, rows }: { orgId: string; rows: readonly NotificationRow[] },
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "IncidentTelling" ("orgId", "ruleId", "incidentId", "state", "dueAt")
    SELECT ${orgId}::uuid, n."ruleId", n."incidentId", n."state", n."dueAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS n("ruleId" uuid, "incidentId" uuid, "state" jsonb, "dueAt" timestamptz)
    ON CONFLICT ("ruleId", "incidentId") DO UPDATE SET "state" = EXCLUDED."state", "dueAt" = EXCLUDED."dueAt"`;
}

/**
 * Rules, of all organizations, that have notified of an incident, not yet of its end, and were paused, deleted, or
 * edited since `editedAfter`.
 */
export function findEndedRules(
  db: Db,
  { editedAfter, limit }: { editedAfter: Date; limit: number },
): Promise<{ orgId: string; ruleId: string }[]> {
  return db.$queryRaw<{ orgId: string; ruleId: string }[]>`
    SELECT r."orgId", r."id" AS "ruleId" FROM "AlertRule" r
    WHERE (r."state" <> 'watching' OR r."archivedAt" IS NOT NULL OR r."updatedAt" > ${editedAfter.toISOString()}::timestamptz)
      AND EXISTS (SELECT FROM "IncidentTelling" t WHERE t."orgId" = r."orgId" AND t."ruleId" = r."id"
        AND (t."state"->'notified')::boolean)
    ORDER BY r."id" LIMIT ${limit}::int`;
}

export type DueIncident = SubjectKey & { orgId: string; incidentId: string; ruleIds: string[] };

/** Incidents, of all organizations, that rules have to look at again, with those rules; the longest overdue first. */
export function findDueIncidents(db: Db, { at, limit }: { at: Date; limit: number }): Promise<DueIncident[]> {
  return db.$queryRaw<DueIncident[]>`
    SELECT i."orgId", i."id" AS "incidentId", i."subjectKind" AS "kind", i."subjectKey" AS "key",
      array_agg(d."ruleId"::text ORDER BY d."ruleId") AS "ruleIds"
    FROM (SELECT * FROM "IncidentTelling" WHERE "dueAt" <= ${at.toISOString()}::timestamptz
      ORDER BY "dueAt" LIMIT ${limit}::int) d
    JOIN "Incident" i ON i."orgId" = d."orgId" AND i."id" = d."incidentId"
    GROUP BY i."orgId", i."id"`;
}

export type ObservedRun = {
  status: string;
  flagged: boolean;
  errorKind: string | null;
  errorMessage: string | null;
  trigger: string;
  model: string;
  /** Fire time, or when it was requested. */
  at: Date;
  workflowId: string;
  serverId: string;
  workflowState: string;
  /** Of the version that ran, if access was refused. */
  authProfileId: string | null;
  /** Whether its workflow has an open incident with this model. */
  isOpen: boolean;
  /** Whether an active rule includes manual runs of this workflow. */
  manualCounts: boolean;
};

/** A run as incidents see it. */
export async function findObservedRun(
  db: Db,
  { orgId, runId }: { orgId: string; runId: string },
): Promise<ObservedRun | null> {
  const [row] = await db.$queryRaw<ObservedRun[]>`
    SELECT r."status", r."flagged", r."errorKind", r."errorMessage", r."trigger", r."model", r."workflowId", r."serverId",
      COALESCE(r."scheduledAt", r."createdAt") AS "at", w."state" AS "workflowState",
      COALESCE(s."state"->>'open' IS NOT NULL, false) AS "isOpen",
      CASE WHEN r."errorKind" = 'auth' THEN (SELECT p."id" FROM "WorkflowVersion" v
        JOIN "AuthProfile" p ON p."orgId" = v."orgId" AND p."serverId" = r."serverId" AND p."archivedAt" IS NULL
          AND CASE WHEN v."definition"->>'authProfileId' IS NULL THEN p."isDefault"
            ELSE p."id"::text = v."definition"->>'authProfileId' END
        WHERE v."orgId" = r."orgId" AND v."id" = r."versionId" LIMIT 1) END AS "authProfileId",
      EXISTS (SELECT 1 FROM "AlertRule" a WHERE a."orgId" = r."orgId" AND a."archivedAt" IS NULL AND a."state" = 'watching'
        AND a."conditions"->>'includeManualRuns' = 'true'
        AND (a."targetKind" IN ('all_workflows', 'all_servers') OR (a."targetKind" = 'workflow' AND a."targetId" = r."workflowId")
          OR (a."targetKind" = 'server' AND a."targetId" = r."serverId"))) AS "manualCounts"
    FROM "Run" r
    JOIN "Workflow" w ON w."orgId" = r."orgId" AND w."id" = r."workflowId"
    LEFT JOIN "AlertSubject" s ON s."orgId" = r."orgId" AND s."kind" = 'workflow'
      AND s."key" = r."workflowId"::text || ':' || r."model"
    WHERE r."orgId" = ${orgId}::uuid AND r."id" = ${runId}::uuid`;
  return row ?? null;
}

/** The active workflows that connect with one of these auth profiles. */
export function findWorkflowsOfProfiles(
  tx: Tx,
  { orgId, profileIds }: { orgId: string; profileIds: readonly string[] },
): Promise<{ workflowId: string; authProfileId: string }[]> {
  return tx.$queryRaw<{ workflowId: string; authProfileId: string }[]>`
    SELECT w."id" AS "workflowId", p."id" AS "authProfileId"
    FROM "AuthProfile" p
    JOIN "Workflow" w ON w."orgId" = p."orgId" AND w."serverId" = p."serverId" AND w."state" = 'active'
    JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE p."orgId" = ${orgId}::uuid AND p."id" = ANY(${[...profileIds]}::uuid[])
      AND CASE WHEN v."definition"->>'authProfileId' IS NULL THEN p."isDefault"
        ELSE p."id"::text = v."definition"->>'authProfileId' END`;
}

/**
 * Makes open incidents part of that of an auth profile: those of its monitors, and those of its workflows whose latest
 * run was refused access.
 */
export async function absorbIntoProfile(
  tx: Tx,
  { orgId, authProfileId, incidentId }: { orgId: string; authProfileId: string; incidentId: string },
): Promise<void> {
  const workflows = await findWorkflowsOfProfiles(tx, { orgId, profileIds: [authProfileId] });
  await tx.$executeRaw`
    UPDATE "Incident" i SET "parentId" = ${incidentId}::uuid
    WHERE i."orgId" = ${orgId}::uuid AND i."closedAt" IS NULL AND (
      (i."subjectKind" = 'monitor' AND EXISTS (SELECT 1 FROM "Monitor" m
        WHERE m."orgId" = i."orgId" AND m."id" = i."monitorId" AND m."authProfileId" = ${authProfileId}::uuid))
      OR (i."subjectKind" = 'workflow' AND i."cause"->>'errorKind' = 'auth'
        AND i."workflowId" = ANY(${workflows.map(({ workflowId }) => workflowId)}::uuid[])))`;
}
