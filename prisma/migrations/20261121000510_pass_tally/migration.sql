-- How many runs of a workflow passed, of how many that were graded, by slots of six hours (UTC) of their creation. A week's pass rate
-- is the sum of 28 rows a workflow and what the slot at its edge holds, instead of a count of all runs of that week.
CREATE TABLE "PassTally" (
    "orgId" UUID NOT NULL,
    "workflowId" UUID NOT NULL,
    "slot" TIMESTAMPTZ(3) NOT NULL,
    "pass" INTEGER NOT NULL,
    "graded" INTEGER NOT NULL,

    CONSTRAINT "PassTally_pkey" PRIMARY KEY ("workflowId","slot")
);
-- Its rows are counted up in place.
ALTER TABLE "PassTally" SET (fillfactor = 70);
ALTER TABLE "PassTally" ADD CONSTRAINT "PassTally_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE FUNCTION armature_slot(at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT date_bin('6 hours', at, TIMESTAMPTZ '2000-01-01 00:00:00+00') $$;

INSERT INTO "PassTally" ("orgId", "workflowId", "slot", "pass", "graded")
SELECT "orgId", "workflowId", armature_slot("createdAt"), count(*) FILTER (WHERE "status" = 'pass'), count(*)
FROM "Run" WHERE "status" IN ('pass', 'partial', 'fail') GROUP BY 1, 2, 3;

-- Kept by the database itself, with the rights of its owner, in the transaction that ends a run: no other way of writing runs can
-- forget it, and nobody else can write it.
CREATE FUNCTION armature_tally_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  -- In the order of the key, so that two such statements never wait for one another.
  INSERT INTO "PassTally" AS t ("orgId", "workflowId", "slot", "pass", "graded")
  SELECT "orgId", "workflowId", armature_slot("createdAt"), count(*) FILTER (WHERE "status" = 'pass'), count(*)
  FROM changed WHERE "status" IN ('pass', 'partial', 'fail') GROUP BY 1, 2, 3 ORDER BY 2, 3
  ON CONFLICT ("workflowId", "slot") DO UPDATE SET "pass" = t."pass" + excluded."pass", "graded" = t."graded" + excluded."graded";
  RETURN NULL;
END
$$;

CREATE FUNCTION armature_tally_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  UPDATE "PassTally" t SET "pass" = t."pass" - gone."pass", "graded" = t."graded" - gone."graded"
  FROM (
    SELECT "workflowId", armature_slot("createdAt") AS "slot", count(*) FILTER (WHERE "status" = 'pass') AS "pass", count(*) AS "graded"
    FROM changed WHERE "status" IN ('pass', 'partial', 'fail') GROUP BY 1, 2) gone
  WHERE t."workflowId" = gone."workflowId" AND t."slot" = gone."slot";
  RETURN NULL;
END
$$;

CREATE FUNCTION armature_tally_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF OLD."status" IN ('pass', 'partial', 'fail') THEN
    UPDATE "PassTally" SET "pass" = "pass" - (OLD."status" = 'pass')::int, "graded" = "graded" - 1
    WHERE "workflowId" = OLD."workflowId" AND "slot" = armature_slot(OLD."createdAt");
  END IF;
  IF NEW."status" IN ('pass', 'partial', 'fail') THEN
    INSERT INTO "PassTally" AS t ("orgId", "workflowId", "slot", "pass", "graded")
    VALUES (NEW."orgId", NEW."workflowId", armature_slot(NEW."createdAt"), (NEW."status" = 'pass')::int, 1)
    ON CONFLICT ("workflowId", "slot") DO UPDATE SET "pass" = t."pass" + excluded."pass", "graded" = t."graded" + 1;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION armature_tally_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  DELETE FROM "PassTally";
  RETURN NULL;
END
$$;

CREATE TRIGGER "Run_tally_insert" AFTER INSERT ON "Run" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION armature_tally_inserted();
CREATE TRIGGER "Run_tally_delete" AFTER DELETE ON "Run" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION armature_tally_deleted();
-- A run's row is written many times before it ends; only what a tally counts by is looked at.
CREATE TRIGGER "Run_tally_update" AFTER UPDATE ON "Run" FOR EACH ROW
  WHEN ((OLD."status", OLD."workflowId", OLD."createdAt") IS DISTINCT FROM (NEW."status", NEW."workflowId", NEW."createdAt"))
  EXECUTE FUNCTION armature_tally_updated();
CREATE TRIGGER "Run_tally_truncate" AFTER TRUNCATE ON "Run"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_tally_truncated();
