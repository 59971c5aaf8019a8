-- The newest run of a workflow, by (createdAt, id), as lists show it: one row to join instead of a look into an index for each.
CREATE TABLE "LastRun" (
    "orgId" UUID NOT NULL,
    "workflowId" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "flagged" BOOLEAN NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LastRun_pkey" PRIMARY KEY ("workflowId")
);
-- Its rows are written in place.
ALTER TABLE "LastRun" SET (fillfactor = 70);
ALTER TABLE "LastRun" ADD CONSTRAINT "LastRun_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Kept as "PassTally" is: by the database itself, with the rights of its owner, in the transaction that writes the run.
CREATE FUNCTION armature_last_run_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  -- In the order of the key, so that two such statements never wait for one another.
  INSERT INTO "LastRun" AS t ("orgId", "workflowId", "runId", "status", "flagged", "createdAt")
  SELECT DISTINCT ON ("workflowId") "orgId", "workflowId", "id", "status", "flagged", "createdAt"
  FROM changed ORDER BY "workflowId", "createdAt" DESC, "id" DESC
  ON CONFLICT ("workflowId") DO UPDATE SET "runId" = excluded."runId", "status" = excluded."status",
    "flagged" = excluded."flagged", "createdAt" = excluded."createdAt"
  WHERE (excluded."createdAt", excluded."runId") > (t."createdAt", t."runId");
  RETURN NULL;
END
$$;

CREATE FUNCTION armature_last_run_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  UPDATE "LastRun" SET "status" = NEW."status", "flagged" = NEW."flagged"
  WHERE "workflowId" = NEW."workflowId" AND "runId" = NEW."id";
  RETURN NULL;
END
$$;

-- Only retention and erasure delete runs. A newer run that another transaction is writing meanwhile stays: its row is waited for, and is
-- no more the one that went.
CREATE FUNCTION armature_last_run_deleted() RETURNS trigger
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
  SELECT r."orgId", r."workflowId", r."id", r."status", r."flagged", r."createdAt"
  FROM "Workflow" w CROSS JOIN LATERAL (
    SELECT * FROM "Run" WHERE "orgId" = w."orgId" AND "workflowId" = w."id" ORDER BY "createdAt" DESC, "id" DESC LIMIT 1) r
  WHERE w."id" = ANY(bereft) ORDER BY w."id"
  ON CONFLICT ("workflowId") DO UPDATE SET "runId" = excluded."runId", "status" = excluded."status",
    "flagged" = excluded."flagged", "createdAt" = excluded."createdAt"
  WHERE (excluded."createdAt", excluded."runId") > (t."createdAt", t."runId");
  RETURN NULL;
END
$$;

CREATE FUNCTION armature_last_run_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  DELETE FROM "LastRun";
  RETURN NULL;
END
$$;

LOCK TABLE "Run" IN SHARE ROW EXCLUSIVE MODE;
CREATE TRIGGER "Run_last_run_insert" AFTER INSERT ON "Run" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION armature_last_run_inserted();
CREATE TRIGGER "Run_last_run_delete" AFTER DELETE ON "Run" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION armature_last_run_deleted();
CREATE TRIGGER "Run_last_run_update" AFTER UPDATE ON "Run" FOR EACH ROW
  WHEN ((OLD."status", OLD."flagged") IS DISTINCT FROM (NEW."status", NEW."flagged"))
  EXECUTE FUNCTION armature_last_run_updated();
CREATE TRIGGER "Run_last_run_truncate" AFTER TRUNCATE ON "Run"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_last_run_truncated();

INSERT INTO "LastRun" ("orgId", "workflowId", "runId", "status", "flagged", "createdAt")
SELECT r."orgId", r."workflowId", r."id", r."status", r."flagged", r."createdAt"
FROM "Workflow" w CROSS JOIN LATERAL (
  SELECT * FROM "Run" WHERE "orgId" = w."orgId" AND "workflowId" = w."id" ORDER BY "createdAt" DESC, "id" DESC LIMIT 1) r;
