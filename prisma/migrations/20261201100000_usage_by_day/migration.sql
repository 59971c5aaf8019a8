-- Usage is kept by day, for the line of cost on Home. What is in the table by month is spread over the days of the runs
-- that are still there; the rest, of runs that retention has deleted, goes to the first day of its month.

ALTER TABLE "RunUsage" DROP CONSTRAINT "RunUsage_pkey", ADD COLUMN "day" DATE;

CREATE FUNCTION armature_day(at timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT (at AT TIME ZONE 'UTC')::date $$;

CREATE TEMP TABLE "kept" ON COMMIT DROP AS
SELECT "orgId", armature_day("finishedAt") AS "day", armature_month("finishedAt") AS "month", "workflowId", "model", "serverId",
  count(*) AS "runs", sum("inputTokens"::bigint + "outputTokens") AS "testerTokens", sum("judgeTokens"::bigint) AS "judgeTokens",
  coalesce(sum("cost"), 0) AS "cost",
  count(*) FILTER (WHERE "cost" IS NULL AND "inputTokens" + "outputTokens" + "judgeTokens" > 0) AS "unpricedRuns"
FROM "Run" WHERE "finishedAt" IS NOT NULL AND "errorKind" IS DISTINCT FROM 'budget'
GROUP BY 1, 2, 3, 4, 5, 6;

UPDATE "RunUsage" u SET "day" = (u."month" || '-01')::date, "runs" = u."runs" - k."runs",
  "testerTokens" = u."testerTokens" - k."testerTokens", "judgeTokens" = u."judgeTokens" - k."judgeTokens",
  "cost" = u."cost" - k."cost", "unpricedRuns" = u."unpricedRuns" - k."unpricedRuns"
FROM (
  SELECT "orgId", "month", "workflowId", "model", "serverId", sum("runs") AS "runs", sum("testerTokens") AS "testerTokens",
    sum("judgeTokens") AS "judgeTokens", sum("cost") AS "cost", sum("unpricedRuns") AS "unpricedRuns"
  FROM "kept" GROUP BY 1, 2, 3, 4, 5) k
WHERE (u."orgId", u."month", u."workflowId", u."model", u."serverId") = (k."orgId", k."month", k."workflowId", k."model", k."serverId");
UPDATE "RunUsage" SET "day" = ("month" || '-01')::date WHERE "day" IS NULL;
DELETE FROM "RunUsage" WHERE "runs" = 0;

ALTER TABLE "RunUsage" ALTER COLUMN "day" SET NOT NULL,
  ADD CONSTRAINT "RunUsage_pkey" PRIMARY KEY ("orgId", "day", "workflowId", "model", "serverId");
CREATE INDEX "RunUsage_orgId_month_idx" ON "RunUsage"("orgId", "month");

INSERT INTO "RunUsage" AS u ("orgId", "day", "month", "workflowId", "model", "serverId", "runs", "testerTokens", "judgeTokens", "cost",
  "unpricedRuns")
SELECT "orgId", "day", "month", "workflowId", "model", "serverId", "runs", "testerTokens", "judgeTokens", "cost", "unpricedRuns"
FROM "kept"
ON CONFLICT ("orgId", "day", "workflowId", "model", "serverId") DO UPDATE SET "runs" = u."runs" + excluded."runs",
  "testerTokens" = u."testerTokens" + excluded."testerTokens", "judgeTokens" = u."judgeTokens" + excluded."judgeTokens",
  "cost" = u."cost" + excluded."cost", "unpricedRuns" = u."unpricedRuns" + excluded."unpricedRuns";

CREATE OR REPLACE FUNCTION armature_usage_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  -- In the order of the key, so that two such statements never deadlock.
  INSERT INTO "RunUsage" AS u ("orgId", "day", "month", "workflowId", "model", "serverId", "runs", "testerTokens", "judgeTokens",
    "cost", "unpricedRuns")
  SELECT "orgId", armature_day("finishedAt"), armature_month("finishedAt"), "workflowId", "model", "serverId", count(*),
    sum("inputTokens"::bigint + "outputTokens"), sum("judgeTokens"::bigint), coalesce(sum("cost"), 0),
    count(*) FILTER (WHERE "cost" IS NULL AND "inputTokens" + "outputTokens" + "judgeTokens" > 0)
  FROM changed WHERE "finishedAt" IS NOT NULL AND "errorKind" IS DISTINCT FROM 'budget'
  GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 4, 5, 6
  ON CONFLICT ("orgId", "day", "workflowId", "model", "serverId") DO UPDATE SET "runs" = u."runs" + excluded."runs",
    "testerTokens" = u."testerTokens" + excluded."testerTokens", "judgeTokens" = u."judgeTokens" + excluded."judgeTokens",
    "cost" = u."cost" + excluded."cost", "unpricedRuns" = u."unpricedRuns" + excluded."unpricedRuns";
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION armature_usage_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  INSERT INTO "RunUsage" AS u ("orgId", "day", "month", "workflowId", "model", "serverId", "runs", "testerTokens", "judgeTokens",
    "cost", "unpricedRuns")
  VALUES (NEW."orgId", armature_day(NEW."finishedAt"), armature_month(NEW."finishedAt"), NEW."workflowId", NEW."model",
    NEW."serverId", 1, NEW."inputTokens"::bigint + NEW."outputTokens", NEW."judgeTokens", coalesce(NEW."cost", 0),
    (NEW."cost" IS NULL AND NEW."inputTokens" + NEW."outputTokens" + NEW."judgeTokens" > 0)::int)
  ON CONFLICT ("orgId", "day", "workflowId", "model", "serverId") DO UPDATE SET "runs" = u."runs" + 1,
    "testerTokens" = u."testerTokens" + excluded."testerTokens", "judgeTokens" = u."judgeTokens" + excluded."judgeTokens",
    "cost" = u."cost" + excluded."cost", "unpricedRuns" = u."unpricedRuns" + excluded."unpricedRuns";
  RETURN NULL;
END
$$;
