-- Tool monitors with their checks, incidents, alert rules and deliveries, Slack, webhooks, the status page.

ALTER TABLE "Server" ADD COLUMN "syncEveryMinutes" INTEGER NOT NULL DEFAULT 60;

CREATE TABLE "Monitor" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "authProfileId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "arguments" JSONB NOT NULL,
    "argumentsKey" TEXT NOT NULL,
    "intervalSeconds" INTEGER NOT NULL,
    "timeoutSeconds" INTEGER NOT NULL DEFAULT 30,
    "degradedAboveMs" INTEGER,
    "assertions" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "storeResults" BOOLEAN NOT NULL DEFAULT true,
    "state" TEXT NOT NULL DEFAULT 'active',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "archivedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Monitor_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "MonitorHealth" (
    "orgId" UUID NOT NULL,
    "monitorId" UUID NOT NULL,
    "outcome" TEXT NOT NULL,
    "errorKind" TEXT,
    "latencyMs" INTEGER,
    "checkedAt" TIMESTAMPTZ(3) NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "consecutiveFailures" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "MonitorHealth_pkey" PRIMARY KEY ("orgId","monitorId")
);

CREATE TABLE "MonitorSchedule" (
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "intervalSeconds" INTEGER NOT NULL,
    "offsetSeconds" INTEGER NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "syncedRevision" INTEGER NOT NULL DEFAULT 0,
    "pausedByOperator" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "MonitorSchedule_pkey" PRIMARY KEY ("orgId","serverId","intervalSeconds")
);

CREATE TABLE "Check" (
    "orgId" UUID NOT NULL,
    "monitorId" UUID NOT NULL,
    "scheduledAt" TIMESTAMPTZ(3) NOT NULL,
    "key" TEXT NOT NULL DEFAULT '',
    "startedAt" TIMESTAMPTZ(3),
    "latencyMs" INTEGER,
    "outcome" TEXT NOT NULL,
    "errorKind" TEXT,
    "excerpt" TEXT,
    "resultBytes" INTEGER,
    "degradedBy" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "maintenance" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "Check_pkey" PRIMARY KEY ("monitorId","scheduledAt","key")
) PARTITION BY RANGE ("scheduledAt");

CREATE TABLE "CheckHour" (
    "orgId" UUID NOT NULL,
    "monitorId" UUID NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "pass" INTEGER NOT NULL DEFAULT 0,
    "degraded" INTEGER NOT NULL DEFAULT 0,
    "fail" INTEGER NOT NULL DEFAULT 0,
    "error" INTEGER NOT NULL DEFAULT 0,
    "notReached" INTEGER NOT NULL DEFAULT 0,
    "inMaintenance" INTEGER NOT NULL DEFAULT 0,
    "latency" INTEGER[],

    CONSTRAINT "CheckHour_pkey" PRIMARY KEY ("monitorId","hour")
);

CREATE TABLE "CheckDay" (
    "orgId" UUID NOT NULL,
    "monitorId" UUID NOT NULL,
    "day" TIMESTAMPTZ(3) NOT NULL,
    "pass" INTEGER NOT NULL DEFAULT 0,
    "degraded" INTEGER NOT NULL DEFAULT 0,
    "fail" INTEGER NOT NULL DEFAULT 0,
    "error" INTEGER NOT NULL DEFAULT 0,
    "notReached" INTEGER NOT NULL DEFAULT 0,
    "inMaintenance" INTEGER NOT NULL DEFAULT 0,
    "latency" INTEGER[],

    CONSTRAINT "CheckDay_pkey" PRIMARY KEY ("monitorId","day")
);

CREATE TABLE "MaintenanceWindow" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MaintenanceWindow_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "AlertSubject" (
    "orgId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "AlertSubject_pkey" PRIMARY KEY ("orgId","kind","key")
);

CREATE TABLE "Incident" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "subjectKind" TEXT NOT NULL,
    "subjectKey" TEXT NOT NULL,
    "serverId" UUID,
    "monitorId" UUID,
    "workflowId" UUID,
    "model" TEXT,
    "tool" TEXT,
    "level" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "cause" JSONB NOT NULL,
    "openedAt" TIMESTAMPTZ(3) NOT NULL,
    "lastFailedAt" TIMESTAMPTZ(3) NOT NULL,
    "failureCount" INTEGER NOT NULL DEFAULT 1,
    "closedAt" TIMESTAMPTZ(3),
    "closeReason" TEXT,
    "closedBy" TEXT,
    "parentId" UUID,

    CONSTRAINT "Incident_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "AlertRule" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "targetKind" TEXT NOT NULL,
    "targetId" UUID,
    "destination" JSONB,
    "conditions" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'watching',
    "mutedUntil" TIMESTAMPTZ(3),
    "mutedBy" TEXT,
    "lastFiredAt" TIMESTAMPTZ(3),
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "archivedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AlertRule_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "IncidentTelling" (
    "orgId" UUID NOT NULL,
    "ruleId" UUID NOT NULL,
    "incidentId" UUID NOT NULL,
    "state" JSONB NOT NULL,
    "dueAt" TIMESTAMPTZ(3),

    CONSTRAINT "IncidentTelling_pkey" PRIMARY KEY ("ruleId","incidentId")
);

CREATE TABLE "Delivery" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "ruleId" UUID NOT NULL,
    "incidentId" UUID,
    "kind" TEXT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "destination" JSONB NOT NULL,
    "message" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "round" INTEGER NOT NULL DEFAULT 1,
    "error" TEXT,
    "providerId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sendStartedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Delivery_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Webhook" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "queryNames" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "secretRef" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archivedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Webhook_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "SlackInstallation" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "teamId" TEXT NOT NULL,
    "teamName" TEXT NOT NULL,
    "enterpriseId" TEXT,
    "appId" TEXT NOT NULL,
    "botUserId" TEXT NOT NULL,
    "scopes" TEXT[],
    "secretRef" TEXT,
    "state" TEXT NOT NULL DEFAULT 'connected',
    "installedBy" TEXT NOT NULL,
    "installedAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "SlackInstallation_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "SlackUserLink" (
    "orgId" UUID NOT NULL,
    "teamId" TEXT NOT NULL,
    "slackUserId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "linkedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SlackUserLink_pkey" PRIMARY KEY ("orgId","teamId","slackUserId")
);

CREATE TABLE "SlackToken" (
    "hash" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "orgId" UUID,
    "userId" TEXT,
    "teamId" TEXT,
    "slackUserId" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "SlackToken_pkey" PRIMARY KEY ("hash")
);

CREATE TABLE "StatusPage" (
    "orgId" UUID NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT false,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "serverIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StatusPage_pkey" PRIMARY KEY ("orgId")
);

CREATE INDEX "Monitor_orgId_createdAt_id_idx" ON "Monitor"("orgId", "createdAt", "id");

CREATE INDEX "Monitor_orgId_serverId_intervalSeconds_state_idx" ON "Monitor"("orgId", "serverId", "intervalSeconds", "state");

CREATE UNIQUE INDEX "Monitor_orgId_id_key" ON "Monitor"("orgId", "id");

CREATE INDEX "CheckHour_orgId_hour_idx" ON "CheckHour"("orgId", "hour");

CREATE INDEX "CheckDay_orgId_day_idx" ON "CheckDay"("orgId", "day");

CREATE INDEX "MaintenanceWindow_orgId_serverId_endsAt_idx" ON "MaintenanceWindow"("orgId", "serverId", "endsAt");

CREATE UNIQUE INDEX "MaintenanceWindow_orgId_id_key" ON "MaintenanceWindow"("orgId", "id");

CREATE INDEX "Incident_orgId_openedAt_id_idx" ON "Incident"("orgId", "openedAt", "id");

CREATE INDEX "Incident_orgId_monitorId_openedAt_idx" ON "Incident"("orgId", "monitorId", "openedAt");

CREATE INDEX "Incident_orgId_workflowId_openedAt_idx" ON "Incident"("orgId", "workflowId", "openedAt");

CREATE INDEX "Incident_orgId_serverId_openedAt_idx" ON "Incident"("orgId", "serverId", "openedAt");

CREATE UNIQUE INDEX "Incident_orgId_id_key" ON "Incident"("orgId", "id");

CREATE INDEX "AlertRule_orgId_createdAt_id_idx" ON "AlertRule"("orgId", "createdAt", "id");

CREATE UNIQUE INDEX "AlertRule_orgId_id_key" ON "AlertRule"("orgId", "id");

CREATE INDEX "IncidentTelling_dueAt_idx" ON "IncidentTelling"("dueAt");

CREATE INDEX "Delivery_orgId_createdAt_id_idx" ON "Delivery"("orgId", "createdAt", "id");

CREATE INDEX "Delivery_orgId_ruleId_createdAt_id_idx" ON "Delivery"("orgId", "ruleId", "createdAt", "id");

CREATE INDEX "Delivery_orgId_incidentId_createdAt_idx" ON "Delivery"("orgId", "incidentId", "createdAt");

CREATE INDEX "Delivery_providerId_idx" ON "Delivery"("providerId");

CREATE UNIQUE INDEX "Delivery_orgId_id_key" ON "Delivery"("orgId", "id");

CREATE UNIQUE INDEX "Delivery_ruleId_incidentId_kind_ordinal_key" ON "Delivery"("ruleId", "incidentId", "kind", "ordinal");

CREATE INDEX "Webhook_orgId_createdAt_id_idx" ON "Webhook"("orgId", "createdAt", "id");

CREATE UNIQUE INDEX "Webhook_orgId_id_key" ON "Webhook"("orgId", "id");

CREATE INDEX "SlackInstallation_teamId_idx" ON "SlackInstallation"("teamId");

CREATE UNIQUE INDEX "SlackInstallation_orgId_id_key" ON "SlackInstallation"("orgId", "id");

CREATE UNIQUE INDEX "SlackInstallation_orgId_teamId_key" ON "SlackInstallation"("orgId", "teamId");

CREATE INDEX "SlackUserLink_teamId_slackUserId_idx" ON "SlackUserLink"("teamId", "slackUserId");

CREATE INDEX "SlackToken_expiresAt_idx" ON "SlackToken"("expiresAt");

ALTER TABLE "Monitor" ADD CONSTRAINT "Monitor_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Monitor" ADD CONSTRAINT "Monitor_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Monitor" ADD CONSTRAINT "Monitor_orgId_authProfileId_fkey" FOREIGN KEY ("orgId", "authProfileId") REFERENCES "AuthProfile"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "MonitorHealth" ADD CONSTRAINT "MonitorHealth_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "MonitorSchedule" ADD CONSTRAINT "MonitorSchedule_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Check" ADD CONSTRAINT "Check_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "CheckHour" ADD CONSTRAINT "CheckHour_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "CheckDay" ADD CONSTRAINT "CheckDay_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "MaintenanceWindow" ADD CONSTRAINT "MaintenanceWindow_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "AlertSubject" ADD CONSTRAINT "AlertSubject_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_parentId_fkey" FOREIGN KEY ("orgId", "parentId") REFERENCES "Incident"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "AlertRule" ADD CONSTRAINT "AlertRule_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "IncidentTelling" ADD CONSTRAINT "IncidentTelling_orgId_ruleId_fkey" FOREIGN KEY ("orgId", "ruleId") REFERENCES "AlertRule"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "IncidentTelling" ADD CONSTRAINT "IncidentTelling_orgId_incidentId_fkey" FOREIGN KEY ("orgId", "incidentId") REFERENCES "Incident"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Delivery" ADD CONSTRAINT "Delivery_orgId_ruleId_fkey" FOREIGN KEY ("orgId", "ruleId") REFERENCES "AlertRule"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Delivery" ADD CONSTRAINT "Delivery_orgId_incidentId_fkey" FOREIGN KEY ("orgId", "incidentId") REFERENCES "Incident"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Webhook" ADD CONSTRAINT "Webhook_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "SlackInstallation" ADD CONSTRAINT "SlackInstallation_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "SlackUserLink" ADD CONSTRAINT "SlackUserLink_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "SlackUserLink" ADD CONSTRAINT "SlackUserLink_orgId_userId_fkey" FOREIGN KEY ("orgId", "userId") REFERENCES "Member"("orgId", "userId") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "StatusPage" ADD CONSTRAINT "StatusPage_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the data model can't say.

ALTER TABLE "Server" ADD CONSTRAINT "Server_syncEveryMinutes_check" CHECK ("syncEveryMinutes" = 0 OR "syncEveryMinutes" >= 5);

ALTER TABLE "Monitor"
  ADD CONSTRAINT "Monitor_state_check" CHECK ("state" IN ('active', 'paused', 'archived')),
  ADD CONSTRAINT "Monitor_archivedAt_check" CHECK (("state" = 'archived') = ("archivedAt" IS NOT NULL)),
  ADD CONSTRAINT "Monitor_interval_check" CHECK ("intervalSeconds" IN (60, 300, 900, 3600)),
  ADD CONSTRAINT "Monitor_timeout_check" CHECK ("timeoutSeconds" BETWEEN 1 AND 120 AND "timeoutSeconds" < "intervalSeconds"),
  ADD CONSTRAINT "Monitor_degradedAboveMs_check" CHECK ("degradedAboveMs" > 0);
CREATE UNIQUE INDEX "Monitor_call_key" ON "Monitor" ("orgId", "serverId", "authProfileId", "tool", "argumentsKey")
  WHERE "archivedAt" IS NULL;

ALTER TABLE "MonitorHealth"
  ADD CONSTRAINT "MonitorHealth_outcome_check" CHECK ("outcome" IN ('pass', 'degraded', 'fail', 'error'));
-- Updated at each check and never looked up by what changes: room on the page keeps those updates out of the index.
ALTER TABLE "MonitorHealth" SET (fillfactor = 50);
ALTER TABLE "CheckHour" SET (fillfactor = 50);
ALTER TABLE "CheckDay" SET (fillfactor = 50);

ALTER TABLE "MonitorSchedule"
  ADD CONSTRAINT "MonitorSchedule_interval_check" CHECK ("intervalSeconds" IN (60, 300, 900, 3600)),
  ADD CONSTRAINT "MonitorSchedule_offset_check" CHECK ("offsetSeconds" >= 0 AND "offsetSeconds" < "intervalSeconds"),
  ADD CONSTRAINT "MonitorSchedule_revision_check" CHECK ("syncedRevision" <= "revision");
-- Numbers the Schedules of the installation, to spread them evenly over their intervals.
CREATE SEQUENCE "MonitorSchedule_number";

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
CREATE UNIQUE INDEX "Incident_open_key" ON "Incident" ("orgId", "subjectKind", "subjectKey") WHERE "closedAt" IS NULL;

ALTER TABLE "AlertRule"
  ADD CONSTRAINT "AlertRule_targetKind_check" CHECK ("targetKind" IN ('workflow', 'monitor', 'all_workflows', 'all_monitors',
    'tool_changes', 'installation')),
  ADD CONSTRAINT "AlertRule_state_check" CHECK ("state" IN ('watching', 'paused'));
CREATE UNIQUE INDEX "AlertRule_installation_key" ON "AlertRule" ("orgId") WHERE "targetKind" = 'installation';

ALTER TABLE "Delivery"
  ADD CONSTRAINT "Delivery_kind_check" CHECK ("kind" IN ('opened', 'reminder', 'flapping', 'recovered', 'test')),
  ADD CONSTRAINT "Delivery_state_check" CHECK ("state" IN ('pending', 'delivered', 'outbox', 'unknown', 'failed', 'bounced')),
  ADD CONSTRAINT "Delivery_incident_check" CHECK (("kind" = 'test') = ("incidentId" IS NULL));
CREATE INDEX "Delivery_pending_idx" ON "Delivery" ("createdAt") WHERE "state" = 'pending';

ALTER TABLE "SlackInstallation" ADD CONSTRAINT "SlackInstallation_state_check" CHECK ("state" IN ('connected', 'revoked'));
ALTER TABLE "SlackToken" ADD CONSTRAINT "SlackToken_purpose_check" CHECK ("purpose" IN ('install', 'link'));

CREATE TRIGGER "Monitor_key" BEFORE UPDATE OF "id", "orgId" ON "Monitor"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "Incident_key" BEFORE UPDATE OF "id", "orgId" ON "Incident"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();
CREATE TRIGGER "AlertRule_key" BEFORE UPDATE OF "id", "orgId" ON "AlertRule"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();

-- Days are UTC. The processes don't own the tables, so these functions of the owner make and drop partitions for them.
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
  -- Several processes may find the same day missing.
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

-- Drops the days before `day`. The last two days are never dropped.
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
