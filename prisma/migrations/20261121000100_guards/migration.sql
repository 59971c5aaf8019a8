-- What the data model can't say: closed sets of words, and what may never change again.
--
-- The guards hold for every role but the table's owner. The processes connect as another role; retention and erasure are to go
-- through a SECURITY DEFINER function of the owner, inside which `current_user` is the owner.

ALTER TABLE "Member" ADD CONSTRAINT "Member_role_check" CHECK ("role" IN ('viewer', 'editor', 'admin', 'owner'));
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_role_check" CHECK ("role" IN ('viewer', 'editor', 'admin', 'owner'));

ALTER TABLE "AuditEvent" ADD CONSTRAINT "AuditEvent_actorKind_check"
  CHECK ("actorKind" IN ('member', 'api_key', 'slack', 'system'));

ALTER TABLE "Server"
  ADD CONSTRAINT "Server_status_check" CHECK ("status" IN ('unknown', 'reachable', 'unreachable')),
  ADD CONSTRAINT "Server_maxConcurrency_check" CHECK ("maxConcurrency" >= 1);

ALTER TABLE "AuthProfile"
  ADD CONSTRAINT "AuthProfile_kind_check" CHECK ("kind" IN ('none', 'bearer', 'api_key_header'));

-- At most one default profile a server.
CREATE UNIQUE INDEX "AuthProfile_default_key" ON "AuthProfile" ("orgId", "serverId") WHERE "isDefault" AND "archivedAt" IS NULL;

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

-- Every function sets its search path: a temporary table named "Run", or an operator of one's own, must not come before the real one.

CREATE FUNCTION armature_is_owner(relation oid) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE oid = relation $$;

-- Refuses whatever the trigger it stands in fires on.
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

-- The row lock waits for a transaction that is just ending the run and reads what it wrote, and holds off one that comes later:
-- nothing slips in between. Without it an insert could commit after the end it did not see. FOR SHARE would do as well, but two
-- transactions that each add evidence and then update the run would wait for one another.
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

-- Foreign keys follow a changed key (ON UPDATE CASCADE) with the rights of the tables' owner, past every guard: a new id for a
-- server would rewrite its finished runs. So keys don't change.
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

-- What a run saw of the catalog is found by its hash. Storing the same again is no change.
CREATE TRIGGER "CatalogSnapshot_guard" BEFORE UPDATE ON "CatalogSnapshot"
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION armature_refuse('what a run saw of the catalog is kept');
CREATE TRIGGER "CatalogSnapshot_delete" BEFORE DELETE ON "CatalogSnapshot"
  FOR EACH ROW EXECUTE FUNCTION armature_refuse('what a run saw of the catalog is kept');
CREATE TRIGGER "CatalogSnapshot_truncate" BEFORE TRUNCATE ON "CatalogSnapshot"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('what a run saw of the catalog is kept');
