-- AlterTable
ALTER TABLE "Organization" ADD COLUMN     "defaultJudgeModel" TEXT,
ADD COLUMN     "defaultTesterModels" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "runRetentionDays" INTEGER;

-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "waitingSince" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "RunUsage" (
    "orgId" UUID NOT NULL,
    "month" TEXT NOT NULL,
    "workflowId" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "serverId" UUID NOT NULL,
    "runs" INTEGER NOT NULL,
    "testerTokens" BIGINT NOT NULL,
    "judgeTokens" BIGINT NOT NULL,
    "cost" DECIMAL(18,6) NOT NULL,
    "unpricedRuns" INTEGER NOT NULL,

    CONSTRAINT "RunUsage_pkey" PRIMARY KEY ("orgId","month","workflowId","model","serverId")
);

-- CreateTable
CREATE TABLE "Budget" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "workflowId" UUID,
    "monthlyTokens" BIGINT,
    "monthlyCost" DECIMAL(18,6),
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Budget_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ModelProvider" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "baseUrl" TEXT NOT NULL,
    "headerNames" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "hasKey" BOOLEAN NOT NULL,
    "secretRef" TEXT,
    "parameters" JSONB NOT NULL DEFAULT '{}',
    "models" JSONB NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ModelProvider_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Budget_orgId_workflowId_key" ON "Budget"("orgId", "workflowId");

-- CreateIndex
CREATE UNIQUE INDEX "ModelProvider_orgId_id_key" ON "ModelProvider"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "ModelProvider_orgId_name_key" ON "ModelProvider"("orgId", "name");

-- AddForeignKey
ALTER TABLE "RunUsage" ADD CONSTRAINT "RunUsage_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunUsage" ADD CONSTRAINT "RunUsage_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunUsage" ADD CONSTRAINT "RunUsage_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Budget" ADD CONSTRAINT "Budget_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Budget" ADD CONSTRAINT "Budget_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelProvider" ADD CONSTRAINT "ModelProvider_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Organization" ADD CONSTRAINT "Organization_runRetentionDays_check" CHECK ("runRetentionDays" >= 1);

ALTER TABLE "Budget"
  ADD CONSTRAINT "Budget_limits_check" CHECK ("monthlyTokens" IS NOT NULL OR "monthlyCost" IS NOT NULL),
  ADD CONSTRAINT "Budget_amounts_check" CHECK ("monthlyTokens" >= 0 AND "monthlyCost" >= 0);
-- One budget of the workspace itself.
CREATE UNIQUE INDEX "Budget_workspace_key" ON "Budget" ("orgId") WHERE "workflowId" IS NULL;

ALTER TABLE "AlertSubject" DROP CONSTRAINT "AlertSubject_kind_check",
  ADD CONSTRAINT "AlertSubject_kind_check" CHECK ("kind" IN ('monitor', 'workflow', 'server', 'auth_profile', 'all_servers',
    'tool_change', 'budget', 'installation'));
ALTER TABLE "Incident" DROP CONSTRAINT "Incident_subjectKind_check",
  ADD CONSTRAINT "Incident_subjectKind_check" CHECK ("subjectKind" IN ('monitor', 'workflow', 'server', 'auth_profile',
    'all_servers', 'tool_change', 'budget', 'installation'));
ALTER TABLE "AlertRule" DROP CONSTRAINT "AlertRule_targetKind_check",
  ADD CONSTRAINT "AlertRule_targetKind_check" CHECK ("targetKind" IN ('workflow', 'monitor', 'server', 'all_workflows',
    'all_monitors', 'all_servers', 'tool_changes', 'budget', 'installation'));

-- ==== RunUsage: what runs used, by the month (UTC) in which they ended ====
--
-- Written as PassTally is (1_guards), but deleting a run takes nothing away: what it used is spent.

ALTER TABLE "RunUsage" SET (fillfactor = 70);

CREATE FUNCTION armature_month(at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') $$;

CREATE FUNCTION armature_usage_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  -- In the order of the key, so that two such statements never deadlock.
  INSERT INTO "RunUsage" AS u ("orgId", "month", "workflowId", "model", "serverId", "runs", "testerTokens", "judgeTokens", "cost",
    "unpricedRuns")
  SELECT "orgId", armature_month("finishedAt"), "workflowId", "model", "serverId", count(*),
    sum("inputTokens"::bigint + "outputTokens"), sum("judgeTokens"::bigint), coalesce(sum("cost"), 0),
    count(*) FILTER (WHERE "cost" IS NULL AND "inputTokens" + "outputTokens" + "judgeTokens" > 0)
  FROM changed WHERE "finishedAt" IS NOT NULL AND "errorKind" IS DISTINCT FROM 'budget'
  GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT ("orgId", "month", "workflowId", "model", "serverId") DO UPDATE SET "runs" = u."runs" + excluded."runs",
    "testerTokens" = u."testerTokens" + excluded."testerTokens", "judgeTokens" = u."judgeTokens" + excluded."judgeTokens",
    "cost" = u."cost" + excluded."cost", "unpricedRuns" = u."unpricedRuns" + excluded."unpricedRuns";
  RETURN NULL;
END
$$;

CREATE FUNCTION armature_usage_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  INSERT INTO "RunUsage" AS u ("orgId", "month", "workflowId", "model", "serverId", "runs", "testerTokens", "judgeTokens", "cost",
    "unpricedRuns")
  VALUES (NEW."orgId", armature_month(NEW."finishedAt"), NEW."workflowId", NEW."model", NEW."serverId", 1,
    NEW."inputTokens"::bigint + NEW."outputTokens", NEW."judgeTokens", coalesce(NEW."cost", 0),
    (NEW."cost" IS NULL AND NEW."inputTokens" + NEW."outputTokens" + NEW."judgeTokens" > 0)::int)
  ON CONFLICT ("orgId", "month", "workflowId", "model", "serverId") DO UPDATE SET "runs" = u."runs" + 1,
    "testerTokens" = u."testerTokens" + excluded."testerTokens", "judgeTokens" = u."judgeTokens" + excluded."judgeTokens",
    "cost" = u."cost" + excluded."cost", "unpricedRuns" = u."unpricedRuns" + excluded."unpricedRuns";
  RETURN NULL;
END
$$;

CREATE FUNCTION armature_usage_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  DELETE FROM "RunUsage";
  RETURN NULL;
END
$$;

CREATE TRIGGER "Run_usage_insert" AFTER INSERT ON "Run" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION armature_usage_inserted();
-- A run ends once: a repeated end changes no row.
CREATE TRIGGER "Run_usage_update" AFTER UPDATE ON "Run" FOR EACH ROW
  WHEN (OLD."finishedAt" IS NULL AND NEW."finishedAt" IS NOT NULL AND NEW."errorKind" IS DISTINCT FROM 'budget')
  EXECUTE FUNCTION armature_usage_updated();
CREATE TRIGGER "Run_usage_truncate" AFTER TRUNCATE ON "Run"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_usage_truncated();

INSERT INTO "RunUsage" ("orgId", "month", "workflowId", "model", "serverId", "runs", "testerTokens", "judgeTokens", "cost",
  "unpricedRuns")
SELECT "orgId", armature_month("finishedAt"), "workflowId", "model", "serverId", count(*),
  sum("inputTokens"::bigint + "outputTokens"), sum("judgeTokens"::bigint), coalesce(sum("cost"), 0),
  count(*) FILTER (WHERE "cost" IS NULL AND "inputTokens" + "outputTokens" + "judgeTokens" > 0)
FROM "Run" WHERE "finishedAt" IS NOT NULL AND "errorKind" IS DISTINCT FROM 'budget'
GROUP BY 1, 2, 3, 4, 5;

-- ==== Retention of runs ====

-- Deletes the oldest runs that ended before the retention of the organization, with their evidence, and says so in the
-- audit log. The organization's own setting and the database's clock decide. Returns how many.
CREATE FUNCTION armature_expire_runs(org uuid, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  days integer := (SELECT "runRetentionDays" FROM "Organization" WHERE "id" = org);
  before timestamptz := now() - make_interval(days => days);
  ids uuid[];
BEGIN
  IF days IS NULL THEN
    RETURN 0;
  END IF;
  SELECT coalesce(array_agg("id"), '{}') INTO ids FROM (
    SELECT "id" FROM "Run" WHERE "orgId" = org AND "createdAt" < before AND "finishedAt" < before
    ORDER BY "createdAt", "id" LIMIT most FOR UPDATE SKIP LOCKED) old;
  IF cardinality(ids) = 0 THEN
    RETURN 0;
  END IF;
  DELETE FROM "CriterionResult" WHERE "runId" = ANY(ids);
  DELETE FROM "ToolCall" WHERE "runId" = ANY(ids);
  DELETE FROM "TraceEvent" WHERE "runId" = ANY(ids);
  DELETE FROM "Run" WHERE "id" = ANY(ids);
  INSERT INTO "AuditEvent" ("id", "orgId", "actorKind", "actorId", "action", "subject", "data")
  VALUES (uuidv7(), org, 'system', 'housekeeping', 'run.expire', org::text,
    jsonb_build_object('runs', cardinality(ids), 'endedBefore', before));
  RETURN cardinality(ids);
END
$$;
