-- The tables of schema.prisma as Prisma writes them; only the partitioning of "Check" is added by hand.

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" TIMESTAMPTZ(3),
    "refreshTokenExpiresAt" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SignInThrottle" (
    "key" TEXT NOT NULL,
    "windowStart" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL,

    CONSTRAINT "SignInThrottle_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "Organization" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Member" (
    "orgId" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Member_pkey" PRIMARY KEY ("orgId","userId")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" TEXT NOT NULL,
    "orgId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT,
    "intent" TEXT,
    "data" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Server" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "transport" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "queryNames" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "headerNames" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "secretRef" TEXT,
    "maxConcurrency" INTEGER NOT NULL DEFAULT 4,
    "status" TEXT NOT NULL DEFAULT 'unknown',
    "protocolVersion" TEXT,
    "serverName" TEXT,
    "serverVersion" TEXT,
    "hasResources" BOOLEAN NOT NULL DEFAULT false,
    "latencyMs" INTEGER,
    "probedAt" TIMESTAMPTZ(3),
    "probeError" JSONB,
    "syncAttemptedAt" TIMESTAMPTZ(3),
    "syncedAt" TIMESTAMPTZ(3),
    "syncEveryMinutes" INTEGER NOT NULL DEFAULT 60,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archivedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Server_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuthProfile" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "header" TEXT,
    "secretRef" TEXT,
    "isDefault" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archivedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AuthProfile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CatalogTool" (
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT,
    "description" TEXT NOT NULL DEFAULT '',
    "inputSchema" JSONB NOT NULL,
    "outputSchema" JSONB,
    "annotations" JSONB NOT NULL DEFAULT '{}',
    "repeatability" TEXT,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "removedAt" TIMESTAMPTZ(3),

    CONSTRAINT "CatalogTool_pkey" PRIMARY KEY ("orgId","serverId","name")
);

-- CreateTable
CREATE TABLE "ToolChange" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "tool" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "breaking" BOOLEAN NOT NULL,
    "diff" JSONB NOT NULL,
    "source" TEXT NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ToolChange_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ServerProbe" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "ok" BOOLEAN NOT NULL,
    "latencyMs" INTEGER NOT NULL,
    "toolCount" INTEGER,
    "error" JSONB,

    CONSTRAINT "ServerProbe_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ServerCoverage" (
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "window" JSONB NOT NULL,
    "refreshedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ServerCoverage_pkey" PRIMARY KEY ("orgId","serverId")
);

-- CreateTable
CREATE TABLE "CatalogSnapshot" (
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "tools" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CatalogSnapshot_pkey" PRIMARY KEY ("orgId","serverId","hash")
);

-- CreateTable
CREATE TABLE "Workflow" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "state" TEXT NOT NULL DEFAULT 'active',
    "activeVersionId" UUID NOT NULL,
    "versionNumber" INTEGER NOT NULL DEFAULT 1,
    "scheduleRevision" INTEGER NOT NULL DEFAULT 1,
    "scheduleSyncedRevision" INTEGER NOT NULL DEFAULT 0,
    "schedulePausedByOperator" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Workflow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PassTally" (
    "orgId" UUID NOT NULL,
    "workflowId" UUID NOT NULL,
    "slot" TIMESTAMPTZ(3) NOT NULL,
    "pass" INTEGER NOT NULL,
    "graded" INTEGER NOT NULL,

    CONSTRAINT "PassTally_pkey" PRIMARY KEY ("workflowId","slot")
);

-- CreateTable
CREATE TABLE "LastRun" (
    "orgId" UUID NOT NULL,
    "workflowId" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "flagged" BOOLEAN NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LastRun_pkey" PRIMARY KEY ("workflowId")
);

-- CreateTable
CREATE TABLE "WorkflowVersion" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "workflowId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "definition" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdBy" TEXT NOT NULL,

    CONSTRAINT "WorkflowVersion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Proposal" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "serverId" UUID NOT NULL,
    "workflowId" UUID,
    "baseVersionId" UUID,
    "changes" JSONB,
    "definition" JSONB NOT NULL,
    "warnings" JSONB NOT NULL,
    "rationale" TEXT NOT NULL,
    "evidence" JSONB NOT NULL,
    "sourceRunId" UUID,
    "intent" TEXT,
    "proposedByKind" TEXT NOT NULL,
    "proposedById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedAt" TIMESTAMPTZ(3),
    "decidedByKind" TEXT,
    "decidedById" TEXT,
    "decisionReason" TEXT,
    "resultVersionId" UUID,
    "result" JSONB,

    CONSTRAINT "Proposal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Run" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "workflowId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "flagged" BOOLEAN NOT NULL DEFAULT false,
    "errorKind" TEXT,
    "errorMessage" TEXT,
    "limitHit" TEXT,
    "scheduledAt" TIMESTAMPTZ(3),
    "reason" TEXT,
    "idempotencyKey" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "baselineRunId" UUID,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT NOT NULL,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "cancelRequestedBy" TEXT,
    "catalogHash" TEXT,
    "finalAnswer" TEXT,
    "turnCount" INTEGER NOT NULL DEFAULT 0,
    "callCount" INTEGER NOT NULL DEFAULT 0,
    "inputTokens" INTEGER NOT NULL DEFAULT 0,
    "outputTokens" INTEGER NOT NULL DEFAULT 0,
    "judgeTokens" INTEGER NOT NULL DEFAULT 0,
    "cost" DECIMAL(12,6),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TraceEvent" (
    "orgId" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "TraceEvent_pkey" PRIMARY KEY ("runId","seq")
);

-- CreateTable
CREATE TABLE "ToolCall" (
    "orgId" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "turn" INTEGER NOT NULL,
    "tool" TEXT NOT NULL,
    "arguments" JSONB NOT NULL,
    "outcome" TEXT NOT NULL,
    "result" JSONB,
    "sealedResult" BYTEA,
    "resultBytes" INTEGER,
    "error" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "latencyMs" INTEGER,

    CONSTRAINT "ToolCall_pkey" PRIMARY KEY ("runId","index")
);

-- CreateTable
CREATE TABLE "CriterionResult" (
    "orgId" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "criterionId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "isRequired" BOOLEAN NOT NULL,
    "verdict" TEXT NOT NULL,
    "rationale" TEXT NOT NULL,
    "evidence" TEXT[],
    "gradedBy" TEXT NOT NULL,
    "judge" JSONB,

    CONSTRAINT "CriterionResult_pkey" PRIMARY KEY ("runId","criterionId")
);

-- CreateTable
CREATE TABLE "SkippedRun" (
    "orgId" UUID NOT NULL,
    "workflowId" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "scheduledAt" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SkippedRun_pkey" PRIMARY KEY ("workflowId","scheduledAt","model")
);

-- CreateTable
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

-- CreateTable
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

-- CreateTable
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

-- CreateTable
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

-- CreateTable
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

-- CreateTable
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

-- CreateTable
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

-- CreateTable
CREATE TABLE "AlertSubject" (
    "orgId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "AlertSubject_pkey" PRIMARY KEY ("orgId","kind","key")
);

-- CreateTable
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

-- CreateTable
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

-- CreateTable
CREATE TABLE "IncidentTelling" (
    "orgId" UUID NOT NULL,
    "ruleId" UUID NOT NULL,
    "incidentId" UUID NOT NULL,
    "state" JSONB NOT NULL,
    "dueAt" TIMESTAMPTZ(3),

    CONSTRAINT "IncidentTelling_pkey" PRIMARY KEY ("ruleId","incidentId")
);

-- CreateTable
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

-- CreateTable
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

-- CreateTable
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

-- CreateTable
CREATE TABLE "SlackUserLink" (
    "orgId" UUID NOT NULL,
    "teamId" TEXT NOT NULL,
    "slackUserId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "linkedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SlackUserLink_pkey" PRIMARY KEY ("orgId","teamId","slackUserId")
);

-- CreateTable
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

-- CreateTable
CREATE TABLE "StatusPage" (
    "orgId" UUID NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT false,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "serverIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StatusPage_pkey" PRIMARY KEY ("orgId")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "Session_token_key" ON "Session"("token");

-- CreateIndex
CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- CreateIndex
CREATE INDEX "Account_userId_idx" ON "Account"("userId");

-- CreateIndex
CREATE INDEX "Verification_identifier_idx" ON "Verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "Organization_slug_key" ON "Organization"("slug");

-- CreateIndex
CREATE INDEX "Member_userId_idx" ON "Member"("userId");

-- CreateIndex
CREATE INDEX "ApiKey_orgId_createdAt_id_idx" ON "ApiKey"("orgId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "AuditEvent_orgId_at_id_idx" ON "AuditEvent"("orgId", "at", "id");

-- CreateIndex
CREATE INDEX "AuditEvent_orgId_subject_at_idx" ON "AuditEvent"("orgId", "subject", "at");

-- CreateIndex
CREATE INDEX "Server_orgId_createdAt_id_idx" ON "Server"("orgId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Server_orgId_id_key" ON "Server"("orgId", "id");

-- CreateIndex
CREATE INDEX "AuthProfile_orgId_serverId_idx" ON "AuthProfile"("orgId", "serverId");

-- CreateIndex
CREATE UNIQUE INDEX "AuthProfile_orgId_id_key" ON "AuthProfile"("orgId", "id");

-- CreateIndex
CREATE INDEX "ToolChange_orgId_serverId_seenAt_id_idx" ON "ToolChange"("orgId", "serverId", "seenAt", "id");

-- CreateIndex
CREATE INDEX "ServerProbe_orgId_serverId_at_id_idx" ON "ServerProbe"("orgId", "serverId", "at", "id");

-- CreateIndex
CREATE INDEX "Workflow_orgId_createdAt_id_idx" ON "Workflow"("orgId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Workflow_orgId_serverId_idx" ON "Workflow"("orgId", "serverId");

-- CreateIndex
CREATE UNIQUE INDEX "Workflow_orgId_id_key" ON "Workflow"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "WorkflowVersion_orgId_id_key" ON "WorkflowVersion"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "WorkflowVersion_workflowId_number_key" ON "WorkflowVersion"("workflowId", "number");

-- CreateIndex
CREATE INDEX "Proposal_orgId_createdAt_id_idx" ON "Proposal"("orgId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Proposal_orgId_state_createdAt_id_idx" ON "Proposal"("orgId", "state", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Proposal_orgId_workflowId_createdAt_id_idx" ON "Proposal"("orgId", "workflowId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_createdAt_id_idx" ON "Run"("orgId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_workflowId_createdAt_id_status_idx" ON "Run"("orgId", "workflowId", "createdAt", "id", "status");

-- CreateIndex
CREATE INDEX "Run_orgId_serverId_createdAt_id_idx" ON "Run"("orgId", "serverId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_status_createdAt_id_idx" ON "Run"("orgId", "status", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_flagged_createdAt_id_idx" ON "Run"("orgId", "flagged", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_status_trigger_createdAt_id_idx" ON "Run"("orgId", "status", "trigger", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_workflowId_status_trigger_createdAt_id_idx" ON "Run"("orgId", "workflowId", "status", "trigger", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_serverId_status_trigger_createdAt_id_idx" ON "Run"("orgId", "serverId", "status", "trigger", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_workflowId_idempotencyKey_idx" ON "Run"("workflowId", "idempotencyKey");

-- CreateIndex
CREATE UNIQUE INDEX "Run_orgId_id_key" ON "Run"("orgId", "id");

-- CreateIndex
CREATE INDEX "SkippedRun_orgId_workflowId_scheduledAt_idx" ON "SkippedRun"("orgId", "workflowId", "scheduledAt");

-- CreateIndex
CREATE INDEX "Monitor_orgId_createdAt_id_idx" ON "Monitor"("orgId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Monitor_orgId_serverId_intervalSeconds_state_idx" ON "Monitor"("orgId", "serverId", "intervalSeconds", "state");

-- CreateIndex
CREATE UNIQUE INDEX "Monitor_orgId_id_key" ON "Monitor"("orgId", "id");

-- CreateIndex
CREATE INDEX "CheckHour_orgId_hour_idx" ON "CheckHour"("orgId", "hour");

-- CreateIndex
CREATE INDEX "CheckDay_orgId_day_idx" ON "CheckDay"("orgId", "day");

-- CreateIndex
CREATE INDEX "MaintenanceWindow_orgId_serverId_endsAt_idx" ON "MaintenanceWindow"("orgId", "serverId", "endsAt");

-- CreateIndex
CREATE UNIQUE INDEX "MaintenanceWindow_orgId_id_key" ON "MaintenanceWindow"("orgId", "id");

-- CreateIndex
CREATE INDEX "Incident_orgId_openedAt_id_idx" ON "Incident"("orgId", "openedAt", "id");

-- CreateIndex
CREATE INDEX "Incident_orgId_monitorId_openedAt_idx" ON "Incident"("orgId", "monitorId", "openedAt");

-- CreateIndex
CREATE INDEX "Incident_orgId_workflowId_openedAt_idx" ON "Incident"("orgId", "workflowId", "openedAt");

-- CreateIndex
CREATE INDEX "Incident_orgId_serverId_openedAt_idx" ON "Incident"("orgId", "serverId", "openedAt");

-- CreateIndex
CREATE UNIQUE INDEX "Incident_orgId_id_key" ON "Incident"("orgId", "id");

-- CreateIndex
CREATE INDEX "AlertRule_orgId_createdAt_id_idx" ON "AlertRule"("orgId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "AlertRule_orgId_id_key" ON "AlertRule"("orgId", "id");

-- CreateIndex
CREATE INDEX "IncidentTelling_dueAt_idx" ON "IncidentTelling"("dueAt");

-- CreateIndex
CREATE INDEX "Delivery_orgId_createdAt_id_idx" ON "Delivery"("orgId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Delivery_orgId_state_createdAt_id_idx" ON "Delivery"("orgId", "state", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Delivery_orgId_ruleId_createdAt_id_idx" ON "Delivery"("orgId", "ruleId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Delivery_orgId_incidentId_createdAt_idx" ON "Delivery"("orgId", "incidentId", "createdAt");

-- CreateIndex
CREATE INDEX "Delivery_providerId_idx" ON "Delivery"("providerId");

-- CreateIndex
CREATE UNIQUE INDEX "Delivery_orgId_id_key" ON "Delivery"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Delivery_ruleId_incidentId_kind_ordinal_key" ON "Delivery"("ruleId", "incidentId", "kind", "ordinal");

-- CreateIndex
CREATE INDEX "Webhook_orgId_createdAt_id_idx" ON "Webhook"("orgId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Webhook_orgId_id_key" ON "Webhook"("orgId", "id");

-- CreateIndex
CREATE INDEX "SlackInstallation_teamId_idx" ON "SlackInstallation"("teamId");

-- CreateIndex
CREATE UNIQUE INDEX "SlackInstallation_orgId_id_key" ON "SlackInstallation"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "SlackInstallation_orgId_teamId_key" ON "SlackInstallation"("orgId", "teamId");

-- CreateIndex
CREATE INDEX "SlackUserLink_teamId_slackUserId_idx" ON "SlackUserLink"("teamId", "slackUserId");

-- CreateIndex
CREATE INDEX "SlackToken_expiresAt_idx" ON "SlackToken"("expiresAt");

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Account" ADD CONSTRAINT "Account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Member" ADD CONSTRAINT "Member_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Member" ADD CONSTRAINT "Member_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AuditEvent" ADD CONSTRAINT "AuditEvent_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Server" ADD CONSTRAINT "Server_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AuthProfile" ADD CONSTRAINT "AuthProfile_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CatalogTool" ADD CONSTRAINT "CatalogTool_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ToolChange" ADD CONSTRAINT "ToolChange_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ServerProbe" ADD CONSTRAINT "ServerProbe_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ServerCoverage" ADD CONSTRAINT "ServerCoverage_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Workflow" ADD CONSTRAINT "Workflow_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Workflow" ADD CONSTRAINT "Workflow_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PassTally" ADD CONSTRAINT "PassTally_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LastRun" ADD CONSTRAINT "LastRun_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkflowVersion" ADD CONSTRAINT "WorkflowVersion_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Proposal" ADD CONSTRAINT "Proposal_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Proposal" ADD CONSTRAINT "Proposal_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Proposal" ADD CONSTRAINT "Proposal_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Proposal" ADD CONSTRAINT "Proposal_orgId_baseVersionId_fkey" FOREIGN KEY ("orgId", "baseVersionId") REFERENCES "WorkflowVersion"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Proposal" ADD CONSTRAINT "Proposal_orgId_resultVersionId_fkey" FOREIGN KEY ("orgId", "resultVersionId") REFERENCES "WorkflowVersion"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_orgId_versionId_fkey" FOREIGN KEY ("orgId", "versionId") REFERENCES "WorkflowVersion"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TraceEvent" ADD CONSTRAINT "TraceEvent_orgId_runId_fkey" FOREIGN KEY ("orgId", "runId") REFERENCES "Run"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ToolCall" ADD CONSTRAINT "ToolCall_orgId_runId_fkey" FOREIGN KEY ("orgId", "runId") REFERENCES "Run"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CriterionResult" ADD CONSTRAINT "CriterionResult_orgId_runId_fkey" FOREIGN KEY ("orgId", "runId") REFERENCES "Run"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SkippedRun" ADD CONSTRAINT "SkippedRun_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Monitor" ADD CONSTRAINT "Monitor_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Monitor" ADD CONSTRAINT "Monitor_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Monitor" ADD CONSTRAINT "Monitor_orgId_authProfileId_fkey" FOREIGN KEY ("orgId", "authProfileId") REFERENCES "AuthProfile"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MonitorHealth" ADD CONSTRAINT "MonitorHealth_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MonitorSchedule" ADD CONSTRAINT "MonitorSchedule_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Check" ADD CONSTRAINT "Check_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CheckHour" ADD CONSTRAINT "CheckHour_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CheckDay" ADD CONSTRAINT "CheckDay_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MaintenanceWindow" ADD CONSTRAINT "MaintenanceWindow_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AlertSubject" ADD CONSTRAINT "AlertSubject_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_monitorId_fkey" FOREIGN KEY ("orgId", "monitorId") REFERENCES "Monitor"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Incident" ADD CONSTRAINT "Incident_orgId_parentId_fkey" FOREIGN KEY ("orgId", "parentId") REFERENCES "Incident"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AlertRule" ADD CONSTRAINT "AlertRule_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IncidentTelling" ADD CONSTRAINT "IncidentTelling_orgId_ruleId_fkey" FOREIGN KEY ("orgId", "ruleId") REFERENCES "AlertRule"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IncidentTelling" ADD CONSTRAINT "IncidentTelling_orgId_incidentId_fkey" FOREIGN KEY ("orgId", "incidentId") REFERENCES "Incident"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Delivery" ADD CONSTRAINT "Delivery_orgId_ruleId_fkey" FOREIGN KEY ("orgId", "ruleId") REFERENCES "AlertRule"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Delivery" ADD CONSTRAINT "Delivery_orgId_incidentId_fkey" FOREIGN KEY ("orgId", "incidentId") REFERENCES "Incident"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Webhook" ADD CONSTRAINT "Webhook_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SlackInstallation" ADD CONSTRAINT "SlackInstallation_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SlackUserLink" ADD CONSTRAINT "SlackUserLink_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SlackUserLink" ADD CONSTRAINT "SlackUserLink_orgId_userId_fkey" FOREIGN KEY ("orgId", "userId") REFERENCES "Member"("orgId", "userId") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StatusPage" ADD CONSTRAINT "StatusPage_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
