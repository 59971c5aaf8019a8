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
CREATE INDEX "Run_orgId_createdAt_id_idx" ON "Run"("orgId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_workflowId_createdAt_id_idx" ON "Run"("orgId", "workflowId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_serverId_createdAt_id_idx" ON "Run"("orgId", "serverId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_status_createdAt_id_idx" ON "Run"("orgId", "status", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Run_orgId_id_key" ON "Run"("orgId", "id");

-- CreateIndex
CREATE INDEX "SkippedRun_orgId_workflowId_scheduledAt_idx" ON "SkippedRun"("orgId", "workflowId", "scheduledAt");

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
ALTER TABLE "Workflow" ADD CONSTRAINT "Workflow_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Workflow" ADD CONSTRAINT "Workflow_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkflowVersion" ADD CONSTRAINT "WorkflowVersion_orgId_workflowId_fkey" FOREIGN KEY ("orgId", "workflowId") REFERENCES "Workflow"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

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
