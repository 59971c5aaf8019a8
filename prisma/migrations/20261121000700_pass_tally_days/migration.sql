-- Days (UTC) instead of quarters of a day: a pass rate over seven of them is the sum of seven rows a workflow instead of 29.
CREATE OR REPLACE FUNCTION armature_slot(at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT date_bin('1 day', at, TIMESTAMPTZ '2000-01-01 00:00:00+00') $$;

DO $$
BEGIN
  -- Runs that end meanwhile wait, and are counted by their day.
  LOCK TABLE "PassTally" IN EXCLUSIVE MODE;
  INSERT INTO "PassTally" ("orgId", "workflowId", "slot", "pass", "graded")
  SELECT "orgId", "workflowId", armature_slot("slot"), sum("pass"), sum("graded") FROM "PassTally" GROUP BY 1, 2, 3
  ON CONFLICT ("workflowId", "slot") DO UPDATE SET "pass" = excluded."pass", "graded" = excluded."graded";
  DELETE FROM "PassTally" WHERE "slot" <> armature_slot("slot");
END
$$;
