-- Everything that schema.prisma can't express: closed sets, partial indexes, storage, guards and derived tables.
--
-- Guards hold for every role but the owner of the tables. The processes connect as another role. Retention and erasure
-- use a SECURITY DEFINER function of the owner, inside which `current_user` is the owner. Every function sets its
-- search path, so that a temporary table named "Run" or a user's own operator can't come first.

-- ==== Closed sets and ranges ====

ALTER TABLE "Member" ADD CONSTRAINT "Member_role_check" CHECK ("role" IN ('viewer', 'editor', 'admin', 'owner'));
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_role_check" CHECK ("role" IN ('viewer', 'editor', 'admin', 'owner'));

ALTER TABLE "AuditEvent" ADD CONSTRAINT "AuditEvent_actorKind_check"
  CHECK ("actorKind" IN ('member', 'api_key', 'slack', 'system'));

ALTER TABLE "Server"
  ADD CONSTRAINT "Server_status_check" CHECK ("status" IN ('unknown', 'reachable', 'unreachable')),
  ADD CONSTRAINT "Server_maxConcurrency_check" CHECK ("maxConcurrency" >= 1),
  ADD CONSTRAINT "Server_syncEveryMinutes_check" CHECK ("syncEveryMinutes" = 0 OR "syncEveryMinutes" >= 5);

ALTER TABLE "AuthProfile"
  ADD CONSTRAINT "AuthProfile_kind_check" CHECK ("kind" IN ('none', 'bearer', 'api_key_header'));

ALTER TABLE "CatalogTool" ADD CONSTRAINT "CatalogTool_repeatability_check"
  CHECK ("repeatability" IN ('read_only', 'idempotent', 'not_idempotent'));

ALTER TABLE "Workflow"
  ADD CONSTRAINT "Workflow_state_check" CHECK ("state" IN ('active', 'paused', 'archived')),
  ADD CONSTRAINT "Workflow_versionNumber_check" CHECK ("versionNumber" >= 1),
  ADD CONSTRAINT "Workflow_schedule_check" CHECK ("scheduleSyncedRevision" <= "scheduleRevision");

ALTER TABLE "WorkflowVersion" ADD CONSTRAINT "WorkflowVersion_number_check" CHECK ("number" >= 1);

ALTER TABLE "Run"
  ADD CONSTRAINT "Run_status_check" CHECK ("status" IN ('pending', 'running', 'pass', 'partial', 'fail', 'error')),
  ADD CONSTRAINT "Run_trigger_check" CHECK ("trigger" IN ('scheduled', 'manual')),
  ADD CONSTRAINT "Run_actorKind_check" CHECK ("actorKind" IN ('member', 'api_key', 'slack', 'system')),
  ADD CONSTRAINT "Run_limitHit_check" CHECK ("limitHit" IN ('turns', 'toolCalls', 'seconds', 'tokens')),
  ADD CONSTRAINT "Run_errorKind_check" CHECK ("errorKind" IN ('unreachable', 'auth', 'protocol', 'model', 'judge', 'budget',
    'canceled', 'abandoned', 'misconfigured', 'limit')),
  ADD CONSTRAINT "Run_error_check" CHECK (("status" = 'error') = ("errorKind" IS NOT NULL)),
  ADD CONSTRAINT "Run_finishedAt_check" CHECK (("status" IN ('pending', 'running')) = ("finishedAt" IS NULL)),
  ADD CONSTRAINT "Run_counts_check" CHECK ("fence" >= 0 AND "attempt" >= 1 AND "turnCount" >= 0 AND "callCount" >= 0
    AND "inputTokens" >= 0 AND "outputTokens" >= 0 AND "judgeTokens" >= 0);

ALTER TABLE "TraceEvent" ADD CONSTRAINT "TraceEvent_seq_check" CHECK ("seq" >= 0);

ALTER TABLE "ToolCall"
  ADD CONSTRAINT "ToolCall_outcome_check" CHECK ("outcome" IN ('started', 'ok', 'tool_error', 'rpc_error', 'timeout',
    'transport_error', 'blocked', 'not_offered', 'interrupted')),
  ADD CONSTRAINT "ToolCall_counts_check" CHECK ("index" >= 0 AND "turn" >= 1 AND "attempts" >= 0);

ALTER TABLE "CriterionResult"
  ADD CONSTRAINT "CriterionResult_verdict_check" CHECK ("verdict" IN ('pass', 'partial', 'fail', 'error')),
  ADD CONSTRAINT "CriterionResult_gradedBy_check" CHECK ("gradedBy" IN ('assertion', 'judge'));

ALTER TABLE "Proposal"
  ADD CONSTRAINT "Proposal_kind_check" CHECK ("kind" IN ('change', 'workflow')),
  ADD CONSTRAINT "Proposal_state_check" CHECK ("state" IN ('open', 'applied', 'rejected')),
  ADD CONSTRAINT "Proposal_change_check" CHECK ("kind" = 'workflow'
    OR ("workflowId" IS NOT NULL AND "baseVersionId" IS NOT NULL AND "changes" IS NOT NULL)),
  ADD CONSTRAINT "Proposal_decision_check" CHECK (("state" = 'open') = ("decidedAt" IS NULL)),
  ADD CONSTRAINT "Proposal_result_check" CHECK (("state" = 'applied')
    = ("workflowId" IS NOT NULL AND "resultVersionId" IS NOT NULL AND "result" IS NOT NULL));

ALTER TABLE "Monitor"
  ADD CONSTRAINT "Monitor_state_check" CHECK ("state" IN ('active', 'paused', 'archived')),
  ADD CONSTRAINT "Monitor_archivedAt_check" CHECK (("state" = 'archived') = ("archivedAt" IS NOT NULL)),
  ADD CONSTRAINT "Monitor_interval_check" CHECK ("intervalSeconds" IN (60, 300, 900, 3600)),
  ADD CONSTRAINT "Monitor_timeout_check" CHECK ("timeoutSeconds" BETWEEN 1 AND 120 AND "timeoutSeconds" < "intervalSeconds"),
  ADD CONSTRAINT "Monitor_degradedAboveMs_check" CHECK ("degradedAboveMs" > 0);

ALTER TABLE "MonitorHealth"
  ADD CONSTRAINT "MonitorHealth_outcome_check" CHECK ("outcome" IN ('pass', 'degraded', 'fail', 'error'));

ALTER TABLE "MonitorSchedule"
  ADD CONSTRAINT "MonitorSchedule_interval_check" CHECK ("intervalSeconds" IN (60, 300, 900, 3600)),
  ADD CONSTRAINT "MonitorSchedule_offset_check" CHECK ("offsetSeconds" >= 0 AND "offsetSeconds" < "intervalSeconds"),
  ADD CONSTRAINT "MonitorSchedule_revision_check" CHECK ("syncedRevision" <= "revision");

ALTER TABLE "Check" ADD CONSTRAINT "Check_outcome_check" CHECK ("outcome" IN ('pass', 'degraded', 'fail', 'error')),
  ADD CONSTRAINT "Check_error_check" CHECK (("outcome" = 'error') = ("errorKind" IS NOT NULL));

ALTER TABLE "MaintenanceWindow" ADD CONSTRAINT "MaintenanceWindow_times_check" CHECK ("endsAt" > "startsAt");

ALTER TABLE "AlertSubject" ADD CONSTRAINT "AlertSubject_kind_check"
  CHECK ("kind" IN ('monitor', 'workflow', 'server', 'tool_change', 'installation'));

ALTER TABLE "Incident"
  ADD CONSTRAINT "Incident_subjectKind_check"
    CHECK ("subjectKind" IN ('monitor', 'workflow', 'server', 'tool_change', 'installation')),
  ADD CONSTRAINT "Incident_level_check" CHECK ("level" IN ('warn', 'bad')),
  ADD CONSTRAINT "Incident_closeReason_check" CHECK ("closeReason" IN ('recovered', 'accepted', 'gone')),
  ADD CONSTRAINT "Incident_closed_check" CHECK (("closedAt" IS NULL) = ("closeReason" IS NULL));

ALTER TABLE "AlertRule"
  ADD CONSTRAINT "AlertRule_targetKind_check" CHECK ("targetKind" IN ('workflow', 'monitor', 'all_workflows', 'all_monitors',
    'tool_changes', 'installation')),
  ADD CONSTRAINT "AlertRule_state_check" CHECK ("state" IN ('watching', 'paused'));

ALTER TABLE "Delivery"
  ADD CONSTRAINT "Delivery_kind_check" CHECK ("kind" IN ('opened', 'reminder', 'flapping', 'recovered', 'test')),
  ADD CONSTRAINT "Delivery_state_check" CHECK ("state" IN ('pending', 'delivered', 'outbox', 'unknown', 'failed', 'bounced')),
  ADD CONSTRAINT "Delivery_incident_check" CHECK (("kind" = 'test') = ("incidentId" IS NULL));

ALTER TABLE "SlackInstallation" ADD CONSTRAINT "SlackInstallation_state_check" CHECK ("state" IN ('connected', 'revoked'));
ALTER TABLE "SlackToken" ADD CONSTRAINT "SlackToken_purpose_check" CHECK ("purpose" IN ('install', 'link'));

-- ==== Partial indexes ====

-- At most one default profile a server.
CREATE UNIQUE INDEX "AuthProfile_default_key" ON "AuthProfile" ("orgId", "serverId") WHERE "isDefault" AND "archivedAt" IS NULL;
-- One monitor per call.
CREATE UNIQUE INDEX "Monitor_call_key" ON "Monitor" ("orgId", "serverId", "authProfileId", "tool", "argumentsKey")
  WHERE "archivedAt" IS NULL;
-- At most one open incident per subject.
CREATE UNIQUE INDEX "Incident_open_key" ON "Incident" ("orgId", "subjectKind", "subjectKey") WHERE "closedAt" IS NULL;
-- One built-in rule per organization.
CREATE UNIQUE INDEX "AlertRule_installation_key" ON "AlertRule" ("orgId") WHERE "targetKind" = 'installation';
CREATE INDEX "Delivery_pending_idx" ON "Delivery" ("createdAt") WHERE "state" = 'pending';

-- ==== Storage ====

-- Rows that are updated often, in columns without an index: free space on the page keeps those updates out of the
-- indexes.
ALTER TABLE "MonitorHealth" SET (fillfactor = 50);
ALTER TABLE "CheckHour" SET (fillfactor = 50);
ALTER TABLE "CheckDay" SET (fillfactor = 50);
ALTER TABLE "PassTally" SET (fillfactor = 70);
ALTER TABLE "LastRun" SET (fillfactor = 70);

-- Numbers the Schedules of the installation, to spread them evenly over their intervals.
CREATE SEQUENCE "MonitorSchedule_number";

-- ==== Guards ====

CREATE FUNCTION armature_is_owner(relation oid) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE oid = relation $$;

-- Refuses every operation that its trigger fires on. The argument says why.
CREATE FUNCTION armature_refuse() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF armature_is_owner(TG_RELID) THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD WHEN 'TRUNCATE' THEN NULL ELSE NEW END;
  END IF;
  RAISE EXCEPTION '% of "%" is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
    USING ERRCODE = 'restrict_violation';
END
$$;

-- A run that ended doesn't change.
CREATE FUNCTION armature_guard_run() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF NOT armature_is_owner(TG_RELID) AND OLD."status" NOT IN ('pending', 'running') THEN
    RAISE EXCEPTION '% of "Run" is refused: run % ended with "%" and can''t change any more', TG_OP, OLD."id", OLD."status"
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

-- The evidence of a run that ended doesn't change. The row lock waits for a transaction that is ending the run and
-- holds off a later one: without it, evidence could commit after an end that it did not see. FOR SHARE would not do:
-- two transactions that add evidence and then update the run would deadlock.
CREATE FUNCTION armature_guard_evidence() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  run_id uuid := CASE TG_OP WHEN 'INSERT' THEN NEW."runId" ELSE OLD."runId" END;
  run_status text;
BEGIN
  IF NOT armature_is_owner(TG_RELID) THEN
    IF TG_OP = 'UPDATE' AND (NEW."runId", NEW."orgId") IS DISTINCT FROM (OLD."runId", OLD."orgId") THEN
      RAISE EXCEPTION 'UPDATE of "%" is refused: evidence can''t move to another run', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT "status" INTO run_status FROM "Run" WHERE "id" = run_id FOR NO KEY UPDATE;
    IF run_status NOT IN ('pending', 'running') THEN
      RAISE EXCEPTION '% of "%" is refused: run % ended with "%" and its evidence can''t change any more',
        TG_OP, TG_TABLE_NAME, run_id, run_status
        USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

-- Keys don't change: ON UPDATE CASCADE acts with the rights of the owner, past every guard, so a new id for a server
-- would rewrite its finished runs.
CREATE FUNCTION armature_guard_key() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF NOT armature_is_owner(TG_RELID) AND (
    to_jsonb(NEW) -> 'id' IS DISTINCT FROM to_jsonb(OLD) -> 'id'
    OR to_jsonb(NEW) -> 'orgId' IS DISTINCT FROM to_jsonb(OLD) -> 'orgId'
  ) THEN
    RAISE EXCEPTION 'UPDATE of "%" is refused: its key can''t change', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER "Organization_key" BEFORE UPDATE OF "id" ON "Organization"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "User_key" BEFORE UPDATE OF "id" ON "User"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "Server_key" BEFORE UPDATE OF "id", "orgId" ON "Server"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "Workflow_key" BEFORE UPDATE OF "id", "orgId" ON "Workflow"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "Run_key" BEFORE UPDATE OF "id", "orgId" ON "Run"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "Monitor_key" BEFORE UPDATE OF "id", "orgId" ON "Monitor"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "Incident_key" BEFORE UPDATE OF "id", "orgId" ON "Incident"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "AlertRule_key" BEFORE UPDATE OF "id", "orgId" ON "AlertRule"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();

CREATE TRIGGER "Run_guard" BEFORE UPDATE OR DELETE ON "Run"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_run();
CREATE TRIGGER "Run_truncate" BEFORE TRUNCATE ON "Run"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('runs are kept');

CREATE TRIGGER "TraceEvent_guard" BEFORE INSERT OR UPDATE OR DELETE ON "TraceEvent"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_evidence();
CREATE TRIGGER "TraceEvent_truncate" BEFORE TRUNCATE ON "TraceEvent"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('the evidence of runs is kept');

CREATE TRIGGER "ToolCall_guard" BEFORE INSERT OR UPDATE OR DELETE ON "ToolCall"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_evidence();
CREATE TRIGGER "ToolCall_truncate" BEFORE TRUNCATE ON "ToolCall"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('the evidence of runs is kept');

CREATE TRIGGER "CriterionResult_guard" BEFORE INSERT OR UPDATE OR DELETE ON "CriterionResult"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_evidence();
CREATE TRIGGER "CriterionResult_truncate" BEFORE TRUNCATE ON "CriterionResult"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('the evidence of runs is kept');

CREATE TRIGGER "AuditEvent_guard" BEFORE UPDATE OR DELETE ON "AuditEvent"
  FOR EACH ROW EXECUTE FUNCTION armature_refuse('the audit log is append-only');
CREATE TRIGGER "AuditEvent_truncate" BEFORE TRUNCATE ON "AuditEvent"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('the audit log is append-only');

CREATE TRIGGER "WorkflowVersion_guard" BEFORE UPDATE OR DELETE ON "WorkflowVersion"
  FOR EACH ROW EXECUTE FUNCTION armature_refuse('a version never changes; save a new one');
CREATE TRIGGER "WorkflowVersion_truncate" BEFORE TRUNCATE ON "WorkflowVersion"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('a version never changes; save a new one');

-- Inserting the same snapshot again changes nothing and is allowed.
CREATE TRIGGER "CatalogSnapshot_guard" BEFORE UPDATE ON "CatalogSnapshot"
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION armature_refuse('what a run saw of the catalog is kept');
CREATE TRIGGER "CatalogSnapshot_delete" BEFORE DELETE ON "CatalogSnapshot"
  FOR EACH ROW EXECUTE FUNCTION armature_refuse('what a run saw of the catalog is kept');
CREATE TRIGGER "CatalogSnapshot_truncate" BEFORE TRUNCATE ON "CatalogSnapshot"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('what a run saw of the catalog is kept');

-- Applying a proposal again returns the first result, at any time.
CREATE TRIGGER "Proposal_guard" BEFORE UPDATE OR DELETE ON "Proposal"
  FOR EACH ROW WHEN (OLD."state" = 'applied')
  EXECUTE FUNCTION armature_refuse('an applied proposal is kept');

-- ==== PassTally: graded runs of a workflow by day (UTC) ====
--
-- Triggers write PassTally and LastRun in the transaction that writes the run, with the rights of the owner. So erasure
-- by SQL counts too, concurrent ends add up, and the role of the processes can't write them.

CREATE FUNCTION armature_slot(at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT date_bin('1 day', at, TIMESTAMPTZ '2000-01-01 00:00:00+00') $$;

CREATE FUNCTION armature_tally_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  -- In the order of the key, so that two such statements never deadlock.
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
-- A run's row is updated many times before it ends: fires only when a counted column changes.
CREATE TRIGGER "Run_tally_update" AFTER UPDATE ON "Run" FOR EACH ROW
  WHEN ((OLD."status", OLD."workflowId", OLD."createdAt") IS DISTINCT FROM (NEW."status", NEW."workflowId", NEW."createdAt"))
  EXECUTE FUNCTION armature_tally_updated();
CREATE TRIGGER "Run_tally_truncate" AFTER TRUNCATE ON "Run"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_tally_truncated();

-- ==== LastRun: the newest run of a workflow by (createdAt, id) ====

CREATE FUNCTION armature_last_run_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  -- In the order of the key, so that two such statements never deadlock.
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

-- Only retention and erasure delete runs. A newer run that another transaction is inserting stays the last one: its row
-- is waited for.
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

CREATE TRIGGER "Run_last_run_insert" AFTER INSERT ON "Run" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION armature_last_run_inserted();
CREATE TRIGGER "Run_last_run_delete" AFTER DELETE ON "Run" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION armature_last_run_deleted();
CREATE TRIGGER "Run_last_run_update" AFTER UPDATE ON "Run" FOR EACH ROW
  WHEN ((OLD."status", OLD."flagged") IS DISTINCT FROM (NEW."status", NEW."flagged"))
  EXECUTE FUNCTION armature_last_run_updated();
CREATE TRIGGER "Run_last_run_truncate" AFTER TRUNCATE ON "Run"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_last_run_truncated();

-- ==== Partitions of Check: one a day (UTC) ====
--
-- The processes don't own the tables, so functions of the owner create and drop partitions for them.

CREATE FUNCTION armature_make_check_partitions(first_day date, last_day date) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  each date;
  made int := 0;
BEGIN
  IF last_day - first_day > 400 THEN
    RAISE EXCEPTION 'more than 400 days of checks at once' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Several processes may create the same day at once.
  PERFORM pg_advisory_xact_lock(7265318403);
  FOR each IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
    IF to_regclass(format('public.%I', 'Check_' || to_char(each, 'YYYYMMDD'))) IS NULL THEN
      EXECUTE format('CREATE TABLE public.%I PARTITION OF public."Check" FOR VALUES FROM (%L) TO (%L)',
        'Check_' || to_char(each, 'YYYYMMDD'), each::text || ' 00:00:00+00', (each + 1)::text || ' 00:00:00+00');
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END
$$;

-- Drops the partitions before `day`, but never the last two days.
CREATE FUNCTION armature_drop_check_partitions(day date) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  each text;
  dropped int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7265318403);
  FOR each IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public."Check"'::regclass
      AND c.relname < 'Check_' || to_char(least(day, (now() AT TIME ZONE 'UTC')::date - 1), 'YYYYMMDD')
  LOOP
    EXECUTE format('DROP TABLE public.%I', each);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END
$$;

SELECT armature_make_check_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7);
