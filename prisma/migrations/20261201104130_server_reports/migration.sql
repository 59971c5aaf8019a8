-- CreateTable
CREATE TABLE "ServerReport" (
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "firstAt" TIMESTAMPTZ(3) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "rules" JSONB NOT NULL,
    "clients" JSONB NOT NULL,

    CONSTRAINT "ServerReport_pkey" PRIMARY KEY ("orgId","serverId")
);

-- CreateTable
CREATE TABLE "ReportFinding" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "rule" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "area" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "wire" TEXT,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "fixedAt" TIMESTAMPTZ(3),
    "acceptedAt" TIMESTAMPTZ(3),
    "acceptedBy" TEXT,
    "acceptedReason" TEXT,
    "acceptedUntil" TIMESTAMPTZ(3),

    CONSTRAINT "ReportFinding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ReportScore" (
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "conformance" INTEGER,
    "quality" INTEGER,
    "safety" INTEGER,
    "must" INTEGER NOT NULL,
    "should" INTEGER NOT NULL,
    "advice" INTEGER NOT NULL,

    CONSTRAINT "ReportScore_pkey" PRIMARY KEY ("orgId","serverId","at")
);

-- CreateIndex
CREATE UNIQUE INDEX "ReportFinding_orgId_id_key" ON "ReportFinding"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "ReportFinding_orgId_serverId_rule_place_key" ON "ReportFinding"("orgId", "serverId", "rule", "place");

-- AddForeignKey
ALTER TABLE "ServerReport" ADD CONSTRAINT "ServerReport_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ReportFinding" ADD CONSTRAINT "ReportFinding_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ReportScore" ADD CONSTRAINT "ReportScore_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Pages follow the report of a server as they follow the server.
CALL armature_announce_changes('ServerReport', 'server', 'orgId', 'serverId', 'insert', 'update');
CALL armature_announce_changes('ReportFinding', 'server', 'orgId', 'serverId', 'update');

-- Alert rules follow reports.
ALTER TABLE "AlertSubject" DROP CONSTRAINT "AlertSubject_kind_check",
  ADD CONSTRAINT "AlertSubject_kind_check" CHECK ("kind" IN ('monitor', 'workflow', 'server', 'auth_profile', 'all_servers',
    'tool_change', 'report', 'budget', 'installation'));
ALTER TABLE "Incident" DROP CONSTRAINT "Incident_subjectKind_check",
  ADD CONSTRAINT "Incident_subjectKind_check" CHECK ("subjectKind" IN ('monitor', 'workflow', 'server', 'auth_profile',
    'all_servers', 'tool_change', 'report', 'budget', 'installation'));
ALTER TABLE "AlertRule" DROP CONSTRAINT "AlertRule_targetKind_check",
  ADD CONSTRAINT "AlertRule_targetKind_check" CHECK ("targetKind" IN ('workflow', 'monitor', 'server', 'all_workflows',
    'all_monitors', 'all_servers', 'tool_changes', 'report', 'budget', 'installation'));
