-- AlterTable
ALTER TABLE "Check" ADD COLUMN     "serverFailure" TEXT;

-- AlterTable
ALTER TABLE "Monitor" ADD COLUMN     "checkOutputSchema" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "ToolCall" ADD COLUMN     "failure" JSONB;

-- Canceled runs are few, and no other index finds them among the errors.
CREATE INDEX "Run_canceled_idx" ON "Run" ("orgId", "createdAt", "id") WHERE "errorKind" = 'canceled';

-- LastRun shows a canceled run as canceled. Only these lines differ from the functions before.
CREATE OR REPLACE FUNCTION armature_last_run_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  -- In the order of the key, so that two such statements never deadlock.
  INSERT INTO "LastRun" AS t ("orgId", "workflowId", "runId", "status", "flagged", "createdAt")
  SELECT DISTINCT ON ("workflowId") "orgId", "workflowId", "id", CASE WHEN "errorKind" = 'canceled' THEN 'canceled' ELSE "status" END,
    "flagged", "createdAt"
  FROM changed ORDER BY "workflowId", "createdAt" DESC, "id" DESC
  ON CONFLICT ("workflowId") DO UPDATE SET "runId" = excluded."runId", "status" = excluded."status",
    "flagged" = excluded."flagged", "createdAt" = excluded."createdAt"
  WHERE (excluded."createdAt", excluded."runId") > (t."createdAt", t."runId");
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION armature_last_run_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  UPDATE "LastRun" SET "status" = CASE WHEN NEW."errorKind" = 'canceled' THEN 'canceled' ELSE NEW."status" END, "flagged" = NEW."flagged"
  WHERE "workflowId" = NEW."workflowId" AND "runId" = NEW."id";
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION armature_last_run_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  bereft uuid[];
BEGIN
  WITH gone AS (
    DELETE FROM "LastRun" t USING changed c WHERE t."workflowId" = c."workflowId" AND t."runId" = c."id" RETURNING t."workflowId")
  SELECT coalesce(array_agg("workflowId"), '{}') INTO bereft FROM gone;
  INSERT INTO "LastRun" AS t ("orgId", "workflowId", "runId", "status", "flagged", "createdAt")
  SELECT r."orgId", r."workflowId", r."id", CASE WHEN r."errorKind" = 'canceled' THEN 'canceled' ELSE r."status" END, r."flagged", r."createdAt"
  FROM "Workflow" w CROSS JOIN LATERAL (
    SELECT * FROM "Run" WHERE "orgId" = w."orgId" AND "workflowId" = w."id" ORDER BY "createdAt" DESC, "id" DESC LIMIT 1) r
  WHERE w."id" = ANY(bereft) ORDER BY w."id"
  ON CONFLICT ("workflowId") DO UPDATE SET "runId" = excluded."runId", "status" = excluded."status",
    "flagged" = excluded."flagged", "createdAt" = excluded."createdAt"
  WHERE (excluded."createdAt", excluded."runId") > (t."createdAt", t."runId");
  RETURN NULL;
END
$$;

UPDATE "LastRun" t SET "status" = 'canceled'
FROM "Run" r WHERE r."id" = t."runId" AND r."orgId" = t."orgId" AND r."errorKind" = 'canceled';
