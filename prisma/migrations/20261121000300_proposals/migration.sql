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

-- CreateIndex
CREATE INDEX "Proposal_orgId_createdAt_id_idx" ON "Proposal"("orgId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Proposal_orgId_state_createdAt_id_idx" ON "Proposal"("orgId", "state", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Proposal_orgId_workflowId_createdAt_id_idx" ON "Proposal"("orgId", "workflowId", "createdAt", "id");

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

ALTER TABLE "Proposal"
  ADD CONSTRAINT "Proposal_kind_check" CHECK ("kind" IN ('change', 'workflow')),
  ADD CONSTRAINT "Proposal_state_check" CHECK ("state" IN ('open', 'applied', 'rejected')),
  ADD CONSTRAINT "Proposal_change_check" CHECK ("kind" = 'workflow'
    OR ("workflowId" IS NOT NULL AND "baseVersionId" IS NOT NULL AND "changes" IS NOT NULL)),
  ADD CONSTRAINT "Proposal_decision_check" CHECK (("state" = 'open') = ("decidedAt" IS NULL)),
  ADD CONSTRAINT "Proposal_result_check" CHECK (("state" = 'applied')
    = ("workflowId" IS NOT NULL AND "resultVersionId" IS NOT NULL AND "result" IS NOT NULL));

-- Applying an applied proposal answers what it answered first, at any time.
CREATE TRIGGER "Proposal_guard" BEFORE UPDATE OR DELETE ON "Proposal"
  FOR EACH ROW WHEN (OLD."state" = 'applied')
  EXECUTE FUNCTION armature_refuse('an applied proposal is kept');
